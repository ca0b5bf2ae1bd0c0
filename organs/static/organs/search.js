/*
The search box: "/" leads to it, and it asks while one types, though not while a Chinese word is being composed.
Without this script the button searches all the same.
*/
(function () {
    "use strict";
    const box = document.querySelector(".search-q");
    if (!box) {
        return;
    }
    const drop = box.form.querySelector(".search-drop");

    document.addEventListener("keydown", function (event) {
        const other = event.isComposing || event.ctrlKey || event.metaKey || event.altKey;
        if (event.key === "/" && !other && !event.target.closest("input, textarea, select, [contenteditable]")) {
            event.preventDefault();
            box.focus();
            box.select();
        }
    });
    if (!drop || !window.htmx) {
        return;
    }

    function show() {
        drop.hidden = !box.value.trim() || !box.form.contains(document.activeElement);
    }

    function ask() {
        if (box.value.trim()) {
            window.htmx.trigger(box, "ask");
        } else {
            drop.hidden = true;
        }
    }

    /* One step down or up through the box and the links below it. */
    function step(by) {
        const stops = [box].concat(Array.from(drop.querySelectorAll("a")).filter(function (link) {
            return link.offsetParent;
        }));
        const next = stops[stops.indexOf(document.activeElement) + by];
        if (next) {
            next.focus();
        }
    }

    box.addEventListener("input", function (event) {
        if (!event.isComposing) {
            ask();
        }
    });
    box.addEventListener("compositionend", ask);
    drop.addEventListener("htmx:afterSwap", show);
    box.form.addEventListener("focusin", function () {
        if (drop.querySelector(".found")) {
            show();
        }
    });
    box.form.addEventListener("keydown", function (event) {
        if (drop.hidden || event.isComposing) {
            return;
        }
        if (event.key === "Escape") {
            event.preventDefault(); // which would empty the box
            box.focus();
            drop.hidden = true;
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            step(event.key === "ArrowDown" ? 1 : -1);
        }
    });
    ["focusin", "click"].forEach(function (what) {
        document.addEventListener(what, function (event) {
            if (!box.form.contains(event.target)) {
                drop.hidden = true;
            }
        });
    });
})();
