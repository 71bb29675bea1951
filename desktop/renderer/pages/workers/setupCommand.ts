import type { WorkerConfig } from '#shared/api/workerConfig.ts'

/** Where a new worker without a screen may run. */
export const setupPlaces = ['installed', 'package', 'service', 'docker'] as const
export type SetupPlace = (typeof setupPlaces)[number]

/** The one line that sets a worker up. A container's data must outlive it: otherwise each start would be another computer. */
export function setupCommand(place: SetupPlace, { serverUrl, enrolmentToken }: Pick<WorkerConfig, 'serverUrl' | 'enrolmentToken'>): string {
  const [server, token] = [quote(serverUrl), quote(enrolmentToken)]
  switch (place) {
    case 'installed':
      return `pictor worker --server ${server} --enroll ${token}`
    case 'package':
      return `tar -xzf pictor-worker-*-linux-x64.tar.gz && pictor-worker/pictor worker --server ${server} --enroll ${token}`
    case 'service':
      return `sudo pictor worker install --server ${server} --enroll ${token}`
    case 'docker':
      return `docker run -d --init --restart unless-stopped -v pictor:/data -e PICTOR_SERVER=${server} -e PICTOR_ENROLL=${token} pictor-worker`
  }
}

/** For a shell; what needs no quotes gets none. */
const quote = (text: string): string => (/^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
