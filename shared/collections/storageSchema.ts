import { collections, type CollectionName } from './collections.ts'

/**
 * The JSON schema of a collection as RxDB wants it. Only indexed fields are described: documents are validated by the
 * zod schemas where they cross a boundary, and unknown fields of newer peers must be kept.
 */
export function storageSchema(name: CollectionName) {
  const definition = collections[name]
  const properties: Record<string, object> = { id: { type: 'string', maxLength: 120 } }
  for (const [field, kind] of Object.entries(definition.indexedFields)) {
    properties[field] =
      kind.type === 'string'
        ? { type: 'string', maxLength: kind.maxLength }
        : { type: 'number', minimum: 0, maximum: 9_007_199_254_740_991, multipleOf: 1 }
  }
  return {
    version: definition.schemaVersion,
    primaryKey: 'id',
    type: 'object',
    properties,
    required: ['id', ...Object.keys(definition.indexedFields).filter((field) => definition.indexes.some((index) => index.includes(field)))],
    indexes: definition.indexes,
  } as const
}
