/** Something that can be gone to or done by its name. */
export interface Command {
  id: string
  group: 'pages' | 'selection' | 'actions' | 'workers' | 'jobs'
  label: string
  /** What else it is found by: an id, tags. */
  more?: string
  icon: string
  run: () => void
}

const order: readonly Command['group'][] = ['pages', 'selection', 'actions', 'workers', 'jobs']

/**
 * The commands that have every word of the search, without regard to case and accents; those whose name begins with it come first in their
 * group. Groups keep their order.
 */
export function matchCommands(commands: readonly Command[], search: string, limit: number): Command[] {
  const terms = plain(search).split(/\s+/).filter(Boolean)
  const wanted = terms.join(' ')
  return commands
    .flatMap((command, index) => {
      const label = plain(command.label)
      const haystack = `${label}\n${plain(command.more ?? '')}`
      if (!terms.every((term) => haystack.includes(term))) return []
      const rank = label.startsWith(wanted) ? 0 : terms.every((term) => label.includes(term)) ? 1 : 2
      return [{ command, index, rank }]
    })
    .sort((a, b) => order.indexOf(a.command.group) - order.indexOf(b.command.group) || a.rank - b.rank || a.index - b.index)
    .slice(0, limit)
    .map(({ command }) => command)
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/đ/gi, 'd')
    .toLowerCase()
