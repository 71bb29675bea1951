import type { Logger } from '#shared/log.ts'

const nothing = () => undefined
/** Says nothing. */
export const quietLog: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quietLog }
