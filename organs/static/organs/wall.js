/*
Keeps the screen of a meeting room up to date (templates/wall.html): asks for its own address once a minute and puts the
new content in place of the old only where it differs; says when nothing new came; turns the sheets of a long table.
Asking by itself keeps nobody signed in (organs/sessions.py): a key or a click does, and asks at once.
*/
(function () {
    "use strict";
    const EVERY = 60, PATIENCE = 20, TURN = 15, REST = 60, WARNING = 120; // seconds
    const asOf = document.querySelector(".wall-as-of");
    const bar = document.querySelector(".wall-alert");
    const words = bar.querySelector("span"), again = bar.querySelector("a");
    let main = document.getElementById("main");
    let content = main.innerHTML; // as it came, before a sheet was turned
    let end = Date.now() + asOf.dataset.left * 1000;
    let lost = ""; // since when no answer came
    let signIn = ""; // the address of the sign-in page, once signed out
    let last = false; // whether being here no longer moves the end: it is the limit of the day
    let asking = false, acted = Date.now(), sheet = 0, turned = Date.now();

    document.querySelector(".wall-still").hidden = true; // said where this does not run

    function tell() {
        const left = Math.round((end - Date.now()) / 1000);
        let said = "";
        if (signIn) {
            said = "▲ 已退出，数据不再更新，请";
        } else if (lost) {
            said = "▲ 从" + lost + "起没有连上服务器，数据没有更新";
        } else if (left <= WARNING) {
            said = "▲ 还有" + Math.max(1, Math.ceil(left / 60)) + "分钟将自动退出，" + (last ? "登录时间已到上限，不能延长" : "按任意键继续");
        }
        bar.hidden = !said;
        again.hidden = !signIn;
        again.href = signIn || "/";
        if (words.textContent !== said) {
            words.textContent = said;
        }
    }

    function turn(by) {
        const sheets = main.querySelectorAll(".wall-sheet");
        sheet = (sheet + by + sheets.length) % (sheets.length || 1);
        sheets.forEach(function (one, place) {
            one.hidden = place !== sheet;
        });
    }

    function take(text, byPerson) {
        const found = new DOMParser().parseFromString(text, "text/html");
        const fresh = found.getElementById("main"), said = found.querySelector(".wall-as-of");
        if (!fresh || !said) {
            throw new Error("not this page");
        }
        asOf.textContent = said.textContent;
        end = Date.now() + said.dataset.left * 1000;
        last = said.dataset.left <= WARNING && (last || byPerson);
        lost = signIn = "";
        if (fresh.innerHTML !== content) {
            content = fresh.innerHTML;
            main.replaceWith(fresh);
            main = fresh;
            turn(0);
        }
    }

    function answered(answer, byPerson) {
        signIn = answer.headers.get("HX-Redirect") || "";
        if (signIn) {
            return null;
        }
        if (answer.status === 403 || answer.status === 404) {
            return window.location.reload(); // the right was taken away: nothing of it stays
        }
        if (!answer.ok) {
            throw new Error(answer.status);
        }
        return answer.text().then(function (text) {
            return take(text, byPerson);
        });
    }

    /* Fetches the page anew; `byPerson` when somebody is here, which keeps them signed in. */
    function ask(byPerson) {
        if (asking) {
            return;
        }
        const headers = {"X-Requested-With": "XMLHttpRequest"};
        if (!byPerson) {
            headers["X-Background"] = "1";
        }
        const stop = new AbortController();
        const late = window.setTimeout(function () {
            stop.abort();
        }, PATIENCE * 1000);
        asking = true;
        fetch(window.location.href, {headers: headers, credentials: "same-origin", signal: stop.signal})
            .then(function (answer) {
                return answered(answer, byPerson);
            })
            .catch(function () {
                const now = {hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai"};
                lost = lost || new Date().toLocaleTimeString("zh-CN", now);
            })
            .then(function () {
                window.clearTimeout(late);
                asking = false;
                tell();
            });
    }

    function act(event) {
        const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (by) {
            turned = Date.now() + (REST - TURN) * 1000; // turned by hand, it rests longer
            turn(by);
        }
        if (!signIn && (!bar.hidden || Date.now() - acted > EVERY * 1000)) {
            acted = Date.now();
            ask(true);
        }
    }

    document.addEventListener("keydown", act);
    document.addEventListener("pointerdown", act);
    window.setInterval(function () {
        ask(false);
    }, EVERY * 1000);
    window.setInterval(function () {
        if (Date.now() - turned > TURN * 1000) {
            turned = Date.now();
            turn(1);
        }
        tell();
    }, 1000);
})();
