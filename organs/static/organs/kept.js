/*
Keeps on the server what is being typed into a form, and offers it when the page is opened again. The form is the one
that holds parts/kept.html; a long one has a place (.kept-here) for when it was kept. Files and passwords are never kept.
Typing is activity: these requests keep one signed in.
Without this script nothing is kept, and the form works as before.
*/
(function () {
    "use strict";
    const WAIT = 800, AGAIN = 10000; // milliseconds: after the last key; after a failure
    const ALONG = /(^|-)(seen|given_\w+)$/; // hidden, and part of what somebody saw
    const AWAY = "断网，内容还在本页，连上后自动暂存";
    const mark = document.querySelector("[data-kept]");
    if (!mark || !mark.form || !window.fetch || !document.querySelector(".session-bar")) {
        return;
    }
    const form = mark.form, address = mark.dataset.kept;
    const status = made("p", "kept-status");
    status.setAttribute("role", "status");
    (form.querySelector(".kept-here") || form).appendChild(status);
    const bar = document.querySelector(".session-bar"); // knows whose page it is, and where to ask for a new token
    const OUT = "已退出登录，内容还在本页。请在新窗口登录，再回到这里，", AGAIN_IN = "在新窗口登录";
    let timer = 0, pending = false, away = false, out = false, undecided = false;

    function made(tag, name, text) {
        const element = document.createElement(tag);
        element.className = name;
        element.textContent = text || "";
        return element;
    }

    function tell(words, wrong) {
        if (status.textContent !== words) {
            status.textContent = words;
        }
        status.classList.toggle("kept-wrong", Boolean(wrong));
    }

    /* The fields that are kept: what people fill in, as of when they saw a stored row, and what was given there. */
    function fields() {
        return Array.from(form.elements).filter(function (field) {
            return field.name && !field.disabled && (ALONG.test(field.name) || !/^(hidden|file|password|submit|button|reset|image|fieldset)$/.test(field.type));
        });
    }

    /* Name → list of [value, words of a choice]. */
    function typed() {
        const found = {};
        fields().forEach(function (field) {
            const values = found[field.name] = found[field.name] || [];
            if (field.tagName === "SELECT") {
                Array.from(field.selectedOptions).forEach(function (option) {
                    values.push([option.value, option.text]);
                });
            } else if (!/^(checkbox|radio)$/.test(field.type) || field.checked) {
                values.push([field.value, ""]);
            }
        });
        return found;
    }

    function plain(values) {
        return JSON.stringify((values || []).map(function (pair) {
            return pair[0];
        }).filter(Boolean));
    }

    function ask(method, more) {
        const sent = new URLSearchParams(Object.assign({address: address, form_token: mark.value}, more));
        const headers = {"X-Requested-With": "XMLHttpRequest"};
        const post = method === "POST";
        if (post) {
            headers["X-CSRFToken"] = (form.elements.csrfmiddlewaretoken || {}).value || "";
        } else {
            headers["X-Background"] = "1"; // opening the page has been told already
        }
        return fetch(mark.dataset.address + (post ? "" : "?" + sent), {
            method: method, headers: headers, body: post ? sent : null, credentials: "same-origin",
            keepalive: post && String(sent).length < 60000, // so that it also arrives from a page that is being left
        });
    }

    function keep() {
        window.clearTimeout(timer);
        if (undecided) {
            tell("上面有一份没存完的内容，选了“恢复”或“丢弃”，才接着暂存。", true);
            return;
        }
        pending = false;
        ask("POST", {fields: JSON.stringify(typed())}).then(function (answer) {
            away = out = false;
            return answer.ok ? answer.json() : Promise.reject(answer);
        }).then(function (told) {
            tell(told.at ? "已暂存 " + told.at : "内容太长，没有暂存，请先存草稿。", !told.at);
        }).catch(function (failed) {
            pending = true;
            away = !failed.status;
            out = failed.status === 403;
            if (out) {
                outside(failed.headers.get("HX-Redirect"));
            } else {
                tell(away ? AWAY : "没有暂存，内容还在本页，过一会儿自动再试。", true);
            }
            timer = window.setTimeout(out ? renew : keep, AGAIN);
        });
    }

    /* Signed out: says where to sign in, without leaving the page. */
    function outside(where) {
        tell(OUT + "自动接着暂存。", true);
        const link = made("a", "", AGAIN_IN);
        link.href = where || "/";
        link.target = "_blank";
        link.rel = "noopener";
        status.append(link);
    }

    /* Signed in anew in another window the forms of this page need a new token. */
    function renew() {
        window.clearTimeout(timer);
        fetch(bar.dataset.address, {headers: {"X-Requested-With": "XMLHttpRequest", "X-Background": "1"}, credentials: "same-origin"})
            .then(function (answer) {
                return answer.ok ? answer.json() : Promise.reject(answer);
            }).then(function (told) {
                if (String(told.user) === bar.dataset.user) {
                    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (field) {
                        field.value = told.token;
                    });
                    keep();
                }
            }).catch(function () {
                timer = window.setTimeout(renew, AGAIN);
            });
    }

    function later() {
        pending = true;
        window.clearTimeout(timer);
        timer = window.setTimeout(keep, WAIT);
    }

    /* Whether the page is asked for again because parts of a proposal (key.1-do, key.2-do) are not on it. */
    function divided(missing) {
        const parts = missing.map(function (name) {
            return /^(\w+)\.(\d+)-/.exec(name);
        }).filter(Boolean);
        if (!parts.length || window.location.hash === "#kept") {
            return false;
        }
        parts.forEach(function (part) {
            const name = part[1] + "-parts", more = form.elements[name] || form.appendChild(made("input", ""));
            Object.assign(more, {type: "hidden", name: name, value: Math.max(Number(more.value) || 1, Number(part[2]) + 1)});
        });
        form.action = "#kept";
        form.querySelector("button[name=again]").click();
        return true;
    }

    /* Rows of the form that were typed into and are not on the page: asked for, or added by the button of their table. */
    function grown(kept) {
        const known = typed();
        const missing = Object.keys(kept).filter(function (name) {
            return !known[name];
        });
        const rows = missing.map(function (name) {
            return (/^r(\d+)-/.exec(name) || [0, -1])[1];
        }).filter(function (number) {
            return number >= 0;
        });
        if (rows.length && window.location.hash !== "#kept") {
            window.location.assign("?rows=" + (Math.max.apply(null, rows) + 1) + "#kept");
            return false;
        }
        if (divided(missing)) {
            return false;
        }
        missing.forEach(function (name) {
            const row = /^(\w+)-(\d+)-/.exec(name);
            const add = row && document.querySelector("#" + row[1] + "-group .add-row a");
            for (let tries = 0; add && tries < 20 && !form.elements[name]; tries += 1) {
                add.click();
            }
        });
        return true;
    }

    function put(field, values, place) {
        if (field.tagName === "SELECT") {
            values.forEach(function (pair) {
                if (!Array.from(field.options).some(function (option) { return option.value === pair[0]; })) {
                    field.add(new Option(pair[1], pair[0]));
                }
            });
            Array.from(field.options).forEach(function (option) {
                option.selected = values.some(function (pair) { return pair[0] === option.value; });
            });
        } else if (/^(checkbox|radio)$/.test(field.type)) {
            field.checked = values.some(function (pair) { return pair[0] === field.value; });
        } else if (values[place]) {
            field.value = values[place][0];
        }
        const folded = field.closest("details");
        if (folded && values.length && values[0][0]) {
            folded.open = true;
        }
        field.dispatchEvent(new Event("change", {bubbles: true}));
    }

    function restore(kept) {
        if (!grown(kept)) {
            return;
        }
        const places = {}, now = typed();
        fields().forEach(function (field) {
            if (kept[field.name] && plain(kept[field.name]) !== plain(now[field.name])) {
                places[field.name] = (places[field.name] || 0) + 1;
                put(field, kept[field.name], places[field.name] - 1);
            }
        });
        form.dispatchEvent(new Event("input", {bubbles: true}));
        keep();
    }

    function offer(told) {
        const kept = JSON.parse(told.fields), now = typed();
        const same = Object.keys(kept).every(function (name) {
            return ALONG.test(name) || plain(kept[name]) === plain(now[name]);
        });
        if (same) {
            return;
        }
        if (window.location.hash === "#kept") {
            restore(kept);
            window.history.replaceState(null, "", window.location.pathname + window.location.search);
            return;
        }
        const bar = made("div", "kept-offer"), back = made("button", "button button-main", "恢复");
        const away = made("button", "button", "丢弃");
        bar.setAttribute("role", "status");
        back.type = away.type = "button";
        bar.append(made("p", "", "有一份" + told.at + "没存完的内容。"), back, away);
        form.parentNode.insertBefore(bar, form);
        undecided = true;
        function decided() {
            bar.remove();
            undecided = false;
            form.tabIndex = -1; // the pressed button is gone: one goes on with the form
            form.focus({preventScroll: true});
        }
        back.addEventListener("click", function () {
            decided();
            restore(kept);
        });
        away.addEventListener("click", function () {
            decided();
            ask("POST", {discard: "1"}).catch(function () {
                tell(AWAY, true);
            });
            if (pending) {
                later();
            }
        });
    }

    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", function (event) {
        if (away || !window.navigator.onLine) {
            event.preventDefault(); // the browser would put its own page in the place of what was typed
            tell("断网，没有提交。内容还在本页，连上后再点一次。", true);
            later();
        } else if (out) {
            event.preventDefault();
        } else if (pending && !undecided) {
            keep();
        }
    });
    document.addEventListener("visibilitychange", function () {
        if (out && !document.hidden) {
            renew(); // back from signing in
        }
    });
    window.addEventListener("online", function () {
        if (pending) {
            keep();
        }
    });
    window.addEventListener("offline", function () {
        if (pending) {
            tell(AWAY, true);
        }
    });
    window.addEventListener("pagehide", function () {
        if (pending && !undecided) {
            keep();
        }
    });
    ask("GET").then(function (answer) {
        return answer.ok ? answer.json() : {};
    }).then(function (told) {
        if (told.fields) {
            offer(told);
        }
    }).catch(function () {
        away = true;
    });
})();
