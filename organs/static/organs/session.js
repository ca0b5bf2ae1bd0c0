/*
Warns before one is signed out for want of activity. Typing counts as activity. What was typed is never thrown away:
when the time is over a page with changes stays and waits for signing in again in another window.
Without this script the server signs out all the same.
*/
(function () {
    "use strict";
    const WARNING = 120, EVERY = 60; // seconds: how early to warn; how often typing is reported
    const bar = document.querySelector(".session-bar");
    if (!bar || !window.fetch) {
        return;
    }
    const words = bar.querySelector(".session-words");
    const stay = bar.querySelector(".session-stay");
    const again = bar.querySelector(".session-again");
    let end = Date.now() + bar.dataset.left * 1000;
    let told = Date.now(); // when the server last heard of somebody here
    let changed = false, over = false, asking = false;
    let last = false; // whether being here no longer moves the end: it is the limit of the day

    function left() {
        return Math.round((end - Date.now()) / 1000);
    }

    function tokens() {
        return document.querySelectorAll("input[name=csrfmiddlewaretoken]");
    }

    function show() {
        bar.hidden = !over && left() > WARNING;
        stay.hidden = over || last;
        again.hidden = !over;
        if (bar.hidden) {
            return;
        }
        const said = over
            ? "已自动退出，这一页填写的内容还没有保存。请在新窗口登录，再回到这里保存。"
            : "还有" + Math.max(1, Math.ceil(left() / 60)) + "分钟将自动退出，" + (last ? "登录时间已到上限，不能延长，" : "")
                + "没有保存的内容请先保存。";
        if (words.textContent !== said) {
            words.textContent = said;
        }
    }

    function finish(address) {
        if (!changed) {
            window.location.assign(address || "/"); // the sign-in page, which says why
            return;
        }
        over = true;
        again.href = address || "/";
        show();
    }

    function alive(answer, byPerson) {
        if (String(answer.user) !== bar.dataset.user) {
            finish(""); // somebody else has signed in meanwhile
            return;
        }
        tokens().forEach(function (field) {
            field.value = answer.token;
        });
        end = Date.now() + answer.seconds_left * 1000;
        last = left() <= WARNING && (last || byPerson);
        over = false;
        show();
    }

    /* Asks how much time is left; with "POST" it tells that somebody is here. */
    function ask(method) {
        const headers = {"X-Requested-With": "XMLHttpRequest"};
        if (method === "POST") {
            told = Date.now();
            headers["X-CSRFToken"] = (tokens()[0] || {}).value || "";
        } else {
            headers["X-Background"] = "1";
        }
        asking = true;
        fetch(bar.dataset.address, {method: method, headers: headers, credentials: "same-origin"})
            .then(function (answer) {
                if (answer.ok) {
                    return answer.json().then(function (told) {
                        alive(told, method === "POST");
                    });
                }
                return method === "POST" ? ask("GET") : finish(answer.headers.get("HX-Redirect"));
            })
            .catch(function () {
                show(); // the network is away: nothing is known, the clock runs on
            })
            .then(function () {
                asking = false;
            });
    }

    function tick() {
        if (!asking && !over) {
            if (left() <= 0 || (bar.hidden && left() <= WARNING)) {
                ask("GET"); // somebody may have been busy in another window
            } else {
                show();
            }
        }
    }

    stay.addEventListener("click", function () {
        ask("POST");
    });
    document.addEventListener("input", function (event) {
        const form = event.target.form;
        changed = changed || !form || form.method === "post"; // a filter holds nothing to save
        if (!over && Date.now() - told > EVERY * 1000) {
            ask("POST");
        }
    });
    document.addEventListener("visibilitychange", function () {
        if (over && !document.hidden) {
            ask("GET"); // back from signing in anew
        } else {
            tick();
        }
    });
    window.setInterval(tick, 5000);
})();
