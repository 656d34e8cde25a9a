/** What a terminal would obey in the text of an input or an error, such as a colour, a title or a bell, as JSON writes it. */
export function visible(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
