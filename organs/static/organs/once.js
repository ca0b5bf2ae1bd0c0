/*
A form whose answer is shown once (first passwords) is not sent a second time while that answer is on its way: the browser
would show the second answer, which has none. Without this script the server still stores it once.
*/
(function () {
    "use strict";
    const PATIENCE = 20000; // milliseconds after which it may be sent again: perhaps the person has stopped the first
    const sent = new WeakMap();
    document.addEventListener("submit", function (event) {
        if (event.timeStamp - sent.get(event.target) < PATIENCE) {
            event.preventDefault();
            return;
        }
        sent.set(event.target, event.timeStamp);
    });
    window.addEventListener("pageshow", function (event) {
        if (event.persisted) { // back from the answer
            document.querySelectorAll("form").forEach(function (form) {
                sent.delete(form);
            });
        }
    });
})();
