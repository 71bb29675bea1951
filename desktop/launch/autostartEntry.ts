import { appError, AppErrorException } from '#shared/errors/appError.ts'

/**
 * The text of a file in a desktop's autostart folder: a command that comes with every session of a person
 * (https://specifications.freedesktop.org/autostart-spec).
 * @param words of the command; each is quoted as the specification of desktop entries asks for
 * @throws AppErrorException REQUEST_INVALID when a word holds a character that cannot stand there
 */
export function autostartEntry(name: string, words: readonly string[], more: Record<string, string> = {}): string {
  const lines = { Type: 'Application', Name: name, Exec: words.map(quoted).join(' '), ...more }
  return `[Desktop Entry]\n${Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')}`
}

/** A percent sign begins a field code; of what is escaped within quotes each backslash is escaped once more, as in every value of the file. */
function quoted(word: string): string {
  if (/[\u0000-\u001f]/.test(word))
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: 'a path holds a character that cannot stand in a desktop entry' }))
  const escaped = word.replace(/["`$\\]/g, '\\$&').replaceAll('\\', '\\\\')
  return `"${escaped.replaceAll('%', '%%')}"`
}
