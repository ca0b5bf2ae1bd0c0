/*
A form whose answer is shown once (first passwords) is not sent a second time while that answer is on its way: the browser
would show the second answer, which has none. Without this script the server still stores it once.
*/
(function () {
    "use strict";
    const sent = new WeakSet();
    document.addEventListener("submit", function (event) {
        if (sent.has(event.target)) {
            event.preventDefault();
        }
        sent.add(event.target);
    });
    window.addEventListener("pageshow", function (event) {
        if (event.persisted) { // back from the answer
            document.querySelectorAll("form").forEach(function (form) {
                sent.delete(form);
            });
        }
    });
})();
