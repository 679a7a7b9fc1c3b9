// The language of a page: of its address, as chosen before, or the browser's; Norwegian where that is any Nordic one.
// Pages that are opened from disk may not keep anything: then the address and the browser decide.
function pageLanguage() {
  const known = each => ["no", "en"].includes(each);
  const asked = new URLSearchParams(location.hash.slice(1)).get("language");
  if (known(asked)) return asked;
  let kept = null;
  try { kept = localStorage.getItem("preg.language"); } catch { /* not allowed */ }
  if (known(kept)) return kept;
  return /^(nb|nn|no|da|sv)/.test(navigator.language) ? "no" : "en";
}
function keepLanguage(language) {
  try { localStorage.setItem("preg.language", language); } catch { /* not allowed */ }
}
