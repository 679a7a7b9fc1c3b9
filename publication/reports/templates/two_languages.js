// A page whose words stand in it in both languages: shows one of them.
function show(language) {
  document.documentElement.lang = language;
  document.title = document.documentElement.dataset[language];
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
}
for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => { keepLanguage(button.dataset.language); show(button.dataset.language); });
show(pageLanguage());
