/*
An article beside its proposals: words and proposal show each other, and one key decides a proposal. Without this script
the words link to the proposals and back, and the form works as it stands.
*/
(function () {
    "use strict";
    const form = document.querySelector(".article-form");
    if (!form) {
        return;
    }
    const proposals = Array.from(form.querySelectorAll(".proposal[data-advice]"));
    const count = document.getElementById("article-count");
    const keys = form.querySelector(".article-keys");
    const text = form.querySelector(".article-text");
    const narrow = window.matchMedia("(max-width: 900px)").matches;
    let here = -1;

    if (keys && proposals.length) {
        keys.hidden = false;
    }
    if (text && narrow) {
        text.open = false;
    }

    function radios(proposal) {
        return Array.from(proposal.querySelectorAll("input[type=radio]"));
    }

    function chosen(proposal) {
        const radio = radios(proposal).find(function (each) {
            return each.checked;
        });
        return radio ? radio.value : "";
    }

    function mention(key) {
        return document.getElementById("t-" + key.split(".")[0]);
    }

    function show() {
        let open = 0;
        proposals.forEach(function (proposal) {
            const value = chosen(proposal), words = mention(proposal.dataset.key);
            open += value ? 0 : 1;
            proposal.classList.toggle("proposal-chosen", Boolean(value) && value !== "no");
            proposal.classList.toggle("proposal-left", value === "no");
            if (words) {
                words.classList.toggle("mention-taken", Boolean(value) && value !== "no");
                words.classList.toggle("mention-left", value === "no");
            }
        });
        if (count) {
            count.textContent = open ? "还有" + open + "条没有选定" : "都选定了";
        }
    }

    /* The words of the proposal that is looked at, within their own box. */
    function point(proposal) {
        form.querySelectorAll(".mention-here").forEach(function (each) {
            each.classList.remove("mention-here");
        });
        const words = mention(proposal.dataset.key);
        if (words) {
            const box = words.closest(".article-body");
            words.classList.add("mention-here");
            box.scrollTop += words.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
        }
    }

    function go(place) {
        if (place >= 0 && place < proposals.length) {
            here = place;
            proposals[here].focus({preventScroll: true});
            proposals[here].scrollIntoView({block: "nearest"});
            point(proposals[here]);
        }
    }

    function onward() {
        for (let step = 1; step <= proposals.length; step += 1) {
            const place = (here + step) % proposals.length;
            if (!chosen(proposals[place])) {
                go(place);
                return;
            }
        }
        form.querySelector("button[name=keep]").focus();
    }

    /* Tells this script, and the one that keeps what is chosen (organs/kept.js). */
    function changed(field) {
        field.dispatchEvent(new Event("change", {bubbles: true}));
    }

    function choose(proposal, value) {
        const radio = radios(proposal).find(function (each) {
            return each.value === value;
        });
        if (radio) {
            radio.checked = true;
            changed(radio);
        }
        return Boolean(radio);
    }

    function typing(target) {
        return target.matches("textarea, select, button, summary, a, input:not([type=radio])");
    }

    form.addEventListener("focusin", function (event) {
        const proposal = event.target.closest(".proposal[data-advice]");
        if (proposal && proposals.indexOf(proposal) !== here) {
            here = proposals.indexOf(proposal);
            point(proposal);
        }
    });
    form.addEventListener("change", show);
    form.addEventListener("input", function (event) {
        const name = event.target.name || "", proposal = event.target.closest(".proposal");
        if (proposal && /-other$/.test(name) && event.target.value) {
            choose(proposal, "other");
        } else if (proposal && /-name$/.test(name) && !chosen(proposal)) {
            choose(proposal, "new");
        }
    });
    form.addEventListener("click", function (event) {
        const words = event.target.closest(".mention, .proposal-said");
        if (!words) {
            return;
        }
        const key = words.dataset.key || words.closest(".proposal").dataset.key;
        const place = proposals.findIndex(function (proposal) {
            return proposal.dataset.key === key;
        });
        if (place >= 0) {
            event.preventDefault();
            go(place);
        }
    });
    document.addEventListener("keydown", function (event) {
        const field = event.target;
        if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !proposals.length) {
            return;
        }
        if (event.key === "Escape" && field.closest(".proposal")) {
            go(proposals.indexOf(field.closest(".proposal")));
            return;
        }
        if (typing(field) || (field !== document.body && !form.contains(field) && field.id !== "main")) {
            return;
        }
        const key = event.key.toLowerCase(), proposal = proposals[here];
        if (key === " " && field.matches("input")) {
            return; // a radio button that one has gone to is what the space bar chooses
        }
        const move = {j: 1, arrowdown: 1, k: -1, arrowup: -1}[key];
        if (move) {
            go(here < 0 ? 0 : here + move);
        } else if (here < 0) {
            return;
        } else if (key === "enter" || key === " ") {
            choose(proposal, proposal.dataset.advice);
            onward();
        } else if (key === "x") {
            choose(proposal, "no");
            onward();
        } else if (/^[1-9]$/.test(key)) {
            const radio = radios(proposal)[Number(key) - 1];
            if (!radio) {
                return;
            }
            choose(proposal, radio.value);
            onward();
        } else if (key === "m" && proposal.querySelector("input[name$=-other]")) {
            choose(proposal, "other");
            proposal.querySelector("input[name$=-other]").focus();
        } else if (key === "e") {
            proposal.querySelector("details").open = true;
            proposal.querySelector("details input").focus();
        } else if (key === "s" && proposal.querySelector("button[name=split]")) {
            proposal.querySelector("button[name=split]").click();
        } else {
            return;
        }
        event.preventDefault();
    });
    show();
    /* What buttons chose (采用有把握的) is kept as what hands choose, once all scripts listen. */
    window.addEventListener("load", function () {
        if (proposals.some(chosen)) {
            changed(form);
        }
    });
    const wrong = proposals.findIndex(function (proposal) {
        return proposal.classList.contains("entry-bad");
    });
    const split = proposals.findIndex(function (proposal) {
        return proposal.dataset.key === form.dataset.at;
    });
    const open = proposals.findIndex(function (proposal) {
        return !chosen(proposal);
    });
    if (wrong >= 0 || split >= 0) {
        go(wrong >= 0 ? wrong : split);
    } else if (!narrow) {
        go(open);
    }
}());
