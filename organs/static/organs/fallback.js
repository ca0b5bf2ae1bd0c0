/*
What htmx could not fetch is opened as a page, so that the answer (or the browser's own words) is seen.
Without this script a choice that fails would seem to do nothing.
*/
(function () {
    "use strict";
    ["htmx:responseError", "htmx:sendError"].forEach(function (failed) {
        document.addEventListener(failed, function (event) {
            const asked = event.detail.elt;
            if (asked.tagName === "FORM" && asked.method === "get") {
                asked.submit();
            }
        });
    });
})();
