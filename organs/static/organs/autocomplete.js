/* Says the names of fields that are filled in by searching: their boxes stand apart from their labels. */
(function () {
    "use strict";
    if (!window.django || !window.django.jQuery) {
        return;
    }
    var $ = window.django.jQuery;

    function name(fields) {
        fields.each(function () {
            var label = $("label[for='" + this.id + "']").text().replace(/[:：]\s*$/, "").trim();
            var said = label || this.getAttribute("aria-label") || "选择";
            var box = $(this).next(".select2");
            box.find(".select2-selection").removeAttr("aria-labelledby").attr("aria-label", said);
            box.find(".select2-selection__rendered[role=textbox], .select2-search__field").attr("aria-label", said);
        });
    }

    $(function () {
        name($(".admin-autocomplete"));
    });
    document.addEventListener("formset:added", function (event) {
        name($(event.target).find(".admin-autocomplete"));
    });
})();
