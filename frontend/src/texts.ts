import english from "./texts/en.json" with { type: "json" };
import chinese from "./texts/zh-Hans.json" with { type: "json" };

export type TextKey = keyof typeof english;
/** of piles in one sentence */
const NAMED = 3;

export type Values = Record<string, string | number>;

/** Return a text of the page in the user's language. */
export function text(language: string, key: TextKey, values: Values = {}): string {
  const texts: Record<TextKey, string> = isChinese(language) ? chinese : english;
  return texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Return names as the page's texts say them: all but the first few as their number. */
export function listed(language: string, names: string[]): string {
  const first = names.length > NAMED + 1 ? names.slice(0, NAMED) : names;
  const count = names.length - first.length;
  const said = count ? [...first, text(language, "and_more", { count })] : first;
  return new Intl.ListFormat(isChinese(language) ? "zh-Hans" : "en").format(said);
}

function isChinese(language: string): boolean {
  return language.toLowerCase().startsWith("zh");
}
