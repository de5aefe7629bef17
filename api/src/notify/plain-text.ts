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
