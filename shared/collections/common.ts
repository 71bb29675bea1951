import { z } from 'zod'
import { idSchema, sha256Schema } from '../ids.ts'

/** Milliseconds since 1970, UTC. Server documents carry server time, node documents the node's estimate of server time. */
export const timeSchema = z.number().int().min(0).max(9_007_199_254_740_991)

/** A whole number of micro-PICTOR (see money.ts). */
export const microSchema = z.number().int().min(-9_007_199_254_740_991).max(9_007_199_254_740_991)

/** One line of text a person wrote: names, labels. Shown as text, never as markup. */
export const labelSchema = z.string().min(1).max(200)

/** Fields of every replicated document. Deleting is soft: the whole document with `deletedAt`. */
export const baseFields = {
  id: idSchema,
  ownerId: idSchema,
  updatedAt: timeSchema,
  deletedAt: timeSchema.optional(),
}

/** A content-addressed file; `name` is what people see, and its path inside a bundle (relative, forward slashes). */
export const fileRefSchema = z.looseObject({
  sha256: sha256Schema,
  sizeBytes: z.number().int().min(0),
  name: z.string().min(1).max(1_000),
  /** Of a picture that is to be upscaled: its size in pixels. */
  width: z.number().int().min(1).max(65_536).optional(),
  height: z.number().int().min(1).max(65_536).optional(),
})
export type FileRef = z.infer<typeof fileRefSchema>

/** An error inside a document: code, facts; the words are found by the reader's language. */
export const errorFieldSchema = z.looseObject({
  code: z.string().max(64),
  message: z.string().max(2_000),
  details: z.record(z.string(), z.json()).optional(),
})

export const frameNumberSchema = z.number().int().min(0).max(1_048_574)
