import { z } from 'zod'
import { baseFields, timeSchema } from './common.ts'
import { preferencesByTagSchema } from './preferences.schema.ts'

/** One per owner, written by the owner from any dashboard; fields merge by their stamps. Its id is the owner's id. */
export const profileSchema = z.looseObject({
  ...baseFields,
  name: z.string().max(200),
  walletAddress: z.string().max(200).optional(),
  language: z.string().max(20).optional(),
  theme: z.enum(['system', 'light', 'dark']).optional(),
  savedViews: z
    .array(z.looseObject({ id: z.string(), name: z.string(), page: z.string() }))
    .max(200)
    .optional(),
  /** Of all nodes with a tag; a node's own go before them: rules/effectivePreferences.ts. */
  preferencesByTag: preferencesByTagSchema.optional(),
  noticesReadUpTo: timeSchema.optional(),
  /** Hybrid logical clock stamp per field, see rules/fieldMerge.ts. */
  stamps: z.record(z.string(), z.string()),
})
export type Profile = z.infer<typeof profileSchema>
