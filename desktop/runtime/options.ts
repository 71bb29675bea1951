import { z } from 'zod'
import type { AppError } from '#shared/errors/appError.ts'
import { pageListenSchema } from './page/pageListen.ts'
import type { Clock, Logger } from '#shared/log.ts'

/** What the launcher says in its `start` message; see shared/processes/childProcess.ts. */
export const processOptionsSchema = z.looseObject({
  dataFolder: z.string().min(1),
  /** This computer's own gateway, or null. It counts for the world of its server only. */
  serverUrl: z.url().nullable().default(null),
  /** Imported when it was not before; anything, because its shape is checked with an error of its own. */
  config: z.unknown().default(null),
  ownerToken: z.string().nullable().default(null),
  pageListen: pageListenSchema.optional(),
  /** Lets in to the local page as often as it is given; without one only one-time links do. */
  pageToken: z.string().min(16).max(500).nullable().default(null),
  /** Who may read the metrics; without one the page must be on loopback. */
  metricsToken: z.string().min(16).max(500).nullable().default(null),
  /** 32 bytes as base64url that the node's key is sealed with; null leaves it in a file that only this user may read. */
  sealKey: z
    .string()
    .regex(/^[\w-]{43}$/)
    .nullable()
    .default(null),
  pagePort: z.number().int().min(0).max(65_535).default(0),
  /** Folder of the built dashboard; null serves no page files. */
  dashboardFolder: z.string().nullable().default(null),
  blenderPaths: z.array(z.string()).default([]),
  /** `auto`: the bench is also run when cards, drivers or Blender changed; `asked`: only on the owner's wish. */
  benchmark: z.enum(['auto', 'asked']).default('auto'),
  /** The version of the package it was started from; default: its own. */
  appVersion: z.string().max(60).optional(),
  /** How the upscaler is started where this process is no Node that could start it (Electron); null: as `findUpscaler` finds it. */
  upscaler: z
    .object({ command: z.string(), args: z.array(z.string()) })
    .nullable()
    .default(null),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})
export type ProcessOptions = z.infer<typeof processOptionsSchema>

export interface RuntimeOptions extends ProcessOptions {
  log: Logger
  clock: Clock
  appVersion: string
  /** The runtime cannot go on; its process should end, so that it is started anew. */
  onFatal: (error: AppError) => void
}
