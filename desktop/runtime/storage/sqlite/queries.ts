import type { SQLInputValue } from 'node:sqlite'
import {
  getQueryMatcher,
  getQueryPlan,
  getSortComparator,
  type FilledMangoQuery,
  type PreparedQuery,
  type RxDocumentData,
  type RxJsonSchema,
  type RxStorageCountResult,
} from 'rxdb'
import type { CollectionLayout } from './collectionLayout.ts'
import type { Connection } from './connection.ts'
import { selectorToSql } from './selectorToSql.ts'

export interface QueryTarget<RxDocType> {
  connection: Connection
  layout: CollectionLayout
  schema: RxJsonSchema<RxDocumentData<RxDocType>>
}

/** SQLite's words for "no limit"; a bound value, so that pages share one prepared statement. */
const NO_LIMIT = -1

/**
 * Runs a query. RxDB's planner names the index; what the index and the columns can decide is decided in SQL, and then skip and
 * limit are SQL's too, so that a page reads a page. RxDB's matcher and comparator do the rest.
 */
export function runQuery<RxDocType>(target: QueryTarget<RxDocType>, prepared: PreparedQuery<RxDocType>): RxDocumentData<RxDocType>[] {
  const { query } = prepared
  const { skip, limit } = pageOf(query)
  const source = sourceOf(target, prepared)
  const order = orderOf(target.layout, query)
  const select = `SELECT json FROM ${source.sql}`

  if (source.exact && order !== undefined) {
    const rows = target.connection.all(`${select} ORDER BY ${order} LIMIT ? OFFSET ?`, [...source.values, limit ?? NO_LIMIT, skip])
    return rows.map(([json]) => target.connection.parse<RxDocumentData<RxDocType>>(json))
  }

  const matches = source.exact ? () => true : getQueryMatcher(target.schema, query)
  const end = limit === undefined ? Infinity : skip + limit
  const documents: RxDocumentData<RxDocType>[] = []
  if (end === 0) return documents
  if (order === undefined) {
    for (const [json] of target.connection.iterate(select, source.values)) {
      const document = target.connection.parse<RxDocumentData<RxDocType>>(json)
      if (matches(document)) documents.push(document)
    }
    documents.sort(getSortComparator(target.schema, query))
  } else {
    for (const [json] of target.connection.iterate(`${select} ORDER BY ${order}`, source.values)) {
      const document = target.connection.parse<RxDocumentData<RxDocType>>(json)
      if (!matches(document)) continue
      documents.push(document)
      if (documents.length >= end) break
    }
  }
  return documents.slice(skip, end)
}

/** Counts without reading documents where SQL alone decides (`fast`), else as long as the query itself takes (`slow`). */
export function runCount<RxDocType>(target: QueryTarget<RxDocType>, prepared: PreparedQuery<RxDocType>): RxStorageCountResult {
  const source = sourceOf(target, prepared)
  if (!source.exact) return { count: runQuery(target, prepared).length, mode: 'slow' }
  const { skip, limit } = pageOf(prepared.query)
  const [count] = target.connection.get(`SELECT count(*) FROM (SELECT 1 FROM ${source.sql} LIMIT ? OFFSET ?)`, [
    ...source.values,
    limit ?? NO_LIMIT,
    skip,
  ]) as [number]
  return { count, mode: 'fast' }
}

/** Plugins send queries of their own making, and not all fill in what RxDB's types promise. */
function pageOf<RxDocType>(query: Partial<FilledMangoQuery<RxDocType>>): { skip: number; limit: number | undefined } {
  return { skip: query.skip ?? 0, limit: query.limit ?? undefined }
}

/** What follows FROM: table, the planner's index, and the conditions that SQL can decide. */
function sourceOf<RxDocType>(
  { layout, schema }: QueryTarget<RxDocType>,
  prepared: PreparedQuery<RxDocType>,
): { sql: string; values: SQLInputValue[]; exact: boolean } {
  const condition = selectorToSql(layout, prepared.query.selector)
  const index = layout.indexNames.get(plannedIndex(schema, prepared).join(','))
  const indexed = index === undefined ? '' : ` INDEXED BY ${index}`
  const where = condition.sql === '' ? '' : ` WHERE ${condition.sql}`
  return { sql: `${layout.table}${indexed}${where}`, values: condition.values, exact: condition.exact }
}

/**
 * RxDB's planner takes no index into account for a descending order because most storages cannot walk one backwards. SQLite
 * can, so the planner is asked for the same order ascending.
 */
function plannedIndex<RxDocType>(schema: RxJsonSchema<RxDocumentData<RxDocType>>, prepared: PreparedQuery<RxDocType>): string[] {
  const { query, queryPlan } = prepared
  const isDescending = query.sort.some((part) => Object.values(part)[0] === 'desc')
  if (!isDescending || query.index !== undefined) return queryPlan.index
  const ascending = query.sort.map((part) => Object.fromEntries(Object.keys(part).map((path) => [path, 'asc'])))
  return getQueryPlan(schema, { ...query, sort: ascending as FilledMangoQuery<RxDocType>['sort'] }).index
}

/** The ORDER BY list, or nothing when a field to sort by has no column. */
function orderOf<RxDocType>(layout: CollectionLayout, query: FilledMangoQuery<RxDocType>): string | undefined {
  const terms: string[] = []
  for (const part of query.sort) {
    // As in RxDB's comparator, only the first field of each part counts.
    const [path, direction] = Object.entries(part)[0] ?? []
    const column = path === undefined ? undefined : layout.byPath.get(path)
    if (column === undefined) return undefined
    terms.push(`${column.name} ${direction === 'desc' ? 'DESC' : 'ASC'}`)
  }
  return terms.join(', ')
}
