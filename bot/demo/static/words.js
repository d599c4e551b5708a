// The words of the page, by language; they live in words.json, for translators.

let catalog = {};

export const LANGUAGES = { fr: "Français", en: "English" };

export async function loadWords() {
  const answer = await fetch("/static/words.json");
  catalog = await answer.json();
}

export function word(language, key, values = {}) {
  const text = (catalog[language] ?? catalog.en)[key];
  if (text === undefined) throw new Error(`no word for ${key} in ${language}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function clock(language, seconds) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
    .format(new Date(seconds * 1000));
}

export function day(language, seconds) {
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long" }).format(new Date(seconds * 1000));
}

export function remembered(key, fallback) {
  try {
    return localStorage.getItem(key) ?? fallback;
  } catch {
    return fallback; // storage can be forbidden; then nothing is remembered, and the page still works
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    return; // as above
  }
}
