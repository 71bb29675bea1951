/** One argument as Windows programs take a command line apart: backslashes count only before a quotation mark, and are doubled there. */
export function quoteArgument(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}

export const commandLineOf = (command: string, args: readonly string[]): string => [command, ...args].map(quoteArgument).join(' ')
