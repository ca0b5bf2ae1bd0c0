/*
A key that a Chinese input method takes for itself does nothing else: Enter sends no form, no letter is a shortcut.
Browsers tell of it as isComposing, older ones (and Safari, after the word is done) by the number 229 alone.
Loaded on every page, before all other listeners: it listens where a key comes first.
*/
(function () {
    "use strict";
    ["keydown", "keypress", "keyup"].forEach(function (what) {
        window.addEventListener(what, function (event) {
            if (event.isComposing || event.keyCode === 229) {
                event.stopImmediatePropagation();
                if (event.key === "Enter" || event.keyCode === 13 || event.code === "Enter") {
                    event.preventDefault();
                }
            }
        }, true);
    });
})();
