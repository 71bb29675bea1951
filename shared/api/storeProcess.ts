import { z } from 'zod'

/*
 * The embedded store's process, between the launcher that starts it and the gateway that uses it: the launcher gives it a folder and a password, hears
 * its port, and tells the gateway; when it dies and is started again both are new.
 */

/** Where the store keeps its files, below the gateway's folder. */
export const storeFolderName = 'couch'

/** What the store's process is started with; every request must carry the password. */
export const storeOptionsSchema = z.looseObject({ folder: z.string().min(1), user: z.string(), password: z.string().min(16) })

/** What it says when it serves, on loopback. */
export const storeReadySchema = z.looseObject({ port: z.number().int() })

/** Where the gateway finds it: among its start options, and with `storeMovedAsk` while it runs. Null: it is being started again. */
export const storeTargetSchema = z.object({ url: z.string(), authorization: z.string() })
export type StoreTarget = z.infer<typeof storeTargetSchema>

/** What it answers to everything, with status 500, from the moment on in which it met a damaged file of its own. */
export const storeDamageSchema = z.object({ path: z.string(), reason: z.string(), folder: z.string() })
export const storeDamagedError = 'store_damaged'
export type StoreDamaged = z.infer<typeof storeDamageSchema>

/** What the launcher asks the gateway each time when the store went away or came back. */
export const storeMovedAsk = 'store.moved'
export const storeMovedSchema = z.looseObject({ target: storeTargetSchema.nullable() })
