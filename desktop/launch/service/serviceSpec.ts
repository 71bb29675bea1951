import { appError, AppErrorException } from '#shared/errors/appError.ts'

/** What a service manager is told: which program runs, for whom, and where it may write. Paths are absolute. */
export interface ServiceSpec {
  /** Lower case letters, digits and dashes. */
  name: string
  program: string
  args: readonly string[]
  dataFolder: string
  /** The folder of the headless package, which updates itself there; null: something else keeps it up to date. */
  installFolder: string | null
  /** For the whole computer, or for the user who installs it and only while that user may run things. */
  scope: 'system' | 'user'
  /** Whom it runs as, for `system`: a user of its own without rights. */
  user: string
  home: string
}

export const defaultServiceName = 'pictor-worker'

// What ends a line or a string in a file of a service manager is nothing that a path of ours needs.
const hostile = /[\u0000-\u001f\u007f\u2028\u2029]/

/** Throws REQUEST_INVALID: a name or a path that cannot stand in a definition, whatever is escaped. */
export function checkServiceSpec(spec: ServiceSpec): ServiceSpec {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(spec.name)) throw refused('the name of the service: small letters, digits and dashes, at most 40')
  if (!/^[a-z_][a-z0-9_-]{0,30}$/i.test(spec.user)) throw refused('the name of the user')
  for (const text of [spec.program, spec.dataFolder, spec.home, spec.installFolder ?? '', ...spec.args])
    if (hostile.test(text)) throw refused('a path or an option holds a line break or another control character')
  for (const path of [spec.program, spec.dataFolder])
    if (!/^(\/|[A-Za-z]:[\\/])/.test(path)) throw refused(`${path} is not an absolute path`)
  return spec
}

const refused = (reason: string) => new AppErrorException(appError('REQUEST_INVALID', { reason }))

/** The program with all its arguments. */
export const commandOf = ({ program, args }: ServiceSpec): string[] => [program, ...args]
