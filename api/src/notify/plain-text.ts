/** Letters of scripts that run from right to left, and the invisible characters that turn a line around. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * A name as it stands within a line: one that runs from right to left is set apart, so that the figures beside it keep
 * their order (Unicode bidirectional algorithm, isolates).
 */
export function nameInLine(name: string): string {
  if (!RIGHT_TO_LEFT.test(name)) return name;
  return `\u2068${name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`;
}

/**
 * Text that Slack shows as it is: `<!channel>` in a client's name calls nobody, `<https://…|name>` makes no link. Source:
 * docs.slack.dev/messaging/formatting-message-text, "Escaping text".
 */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text of an adaptive card's fact, whose values are Markdown, so that names make neither links nor bold letters. */
export function cardText(text: string): string {
  return text.replaceAll(/[\\*_[\]`~]/g, (character) => `\\${character}`);
}
