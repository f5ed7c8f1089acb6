import english from "./texts/en.json" with { type: "json" };
import chinese from "./texts/zh-Hans.json" with { type: "json" };

export type TextKey = keyof typeof english;
export type Values = Record<string, string | number>;

/** Return a text of the page in the user's language. */
export function text(language: string, key: TextKey, values: Values = {}): string {
  const texts: Record<TextKey, string> = language.toLowerCase().startsWith("zh") ? chinese : english;
  return texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
