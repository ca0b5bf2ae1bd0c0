/*
Drop-down lists of organs: letters lead to the organ that sounds so (wjj), as they do to words in Latin letters.
The sounds are fetched when somebody types the first letter; without this script the list is looked through by eye.
*/
(function () {
    "use strict";
    const PAUSE = 1500;
    let sounds = null;
    let typed = "";
    let last = 0;
    let where = ""; // the id: a list that filters at once is put there anew after each letter

    function find(select) {
        const options = Array.from(select.options).filter(function (option) {
            return !option.disabled && (sounds[option.value] || "").split(" ").some(function (sound) {
                return sound.indexOf(typed) !== -1;
            });
        });
        const best = options.find(function (option) {
            return (sounds[option.value] || "").split(" ").some(function (sound) {
                return sound.indexOf(typed) === 0;
            });
        }) || options[0];
        if (best && !best.selected) {
            select.value = best.value;
            select.dispatchEvent(new Event("input", {bubbles: true}));
            select.dispatchEvent(new Event("change", {bubbles: true}));
        }
    }

    document.addEventListener("keydown", function (event) {
        const select = event.target.closest("select[name$='organ'], select[name='organs'], select[name='superior']");
        const other = event.isComposing || event.ctrlKey || event.metaKey || event.altKey;
        if (!select || select.multiple || other || !/^[a-z]$/i.test(event.key)) {
            return;
        }
        event.preventDefault();
        typed = (select.id === where && Date.now() - last < PAUSE ? typed : "") + event.key.toLowerCase();
        last = Date.now();
        where = select.id;
        if (sounds) {
            find(select);
            return;
        }
        fetch("/sounds/?background=1", {credentials: "same-origin", headers: {"X-Requested-With": "XMLHttpRequest"}})
            .then(function (answer) {
                return answer.ok ? answer.json() : {};
            })
            .then(function (found) {
                sounds = found;
                find(select);
            });
    });
})();
