import type { SQLInputValue } from 'node:sqlite'
import { toColumnValue, type CollectionLayout, type Column, type ColumnKind } from './collectionLayout.ts'

/** A condition that every matching document fulfils. `exact`: only matching documents do, so nobody needs to look again. */
export interface Condition {
  /** Empty when nothing is known. */
  sql: string
  values: SQLInputValue[]
  exact: boolean
}

const unknown: Condition = { sql: '', values: [], exact: false }
const comparisons: Readonly<Record<string, string>> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' }

/**
 * Translates the parts of a selector that speak of indexed fields. Whatever SQLite would judge differently from RxDB's
 * matcher (other operators, values of another type than the schema's) is left to the matcher.
 */
export function selectorToSql(layout: CollectionLayout, selector: Readonly<Record<string, unknown>>): Condition {
  return allOf(Object.entries(selector).map(([key, value]) => entryToSql(layout, key, value)))
}

function entryToSql(layout: CollectionLayout, key: string, value: unknown): Condition {
  if (key === '$and' || key === '$or') {
    if (!Array.isArray(value) || value.length === 0) return unknown
    const parts = value.map((part) => (isObject(part) ? selectorToSql(layout, part) : unknown))
    return key === '$and' ? allOf(parts) : anyOf(parts)
  }
  const column = layout.byPath.get(key)
  if (column === undefined || !isObject(value)) return unknown
  const operators = Object.entries(value)
  if (operators.length === 0) return unknown
  return allOf(operators.map(([operator, operand]) => operatorToSql(column, operator, operand)))
}

function operatorToSql(column: Column, operator: string, operand: unknown): Condition {
  if (operator === '$in' && Array.isArray(operand)) {
    if (!operand.every((each) => isComparable(column.kind, each))) return unknown
    return {
      sql: `${column.name} IN (SELECT value FROM json_each(?))`,
      values: [JSON.stringify(operand.map((each) => toColumnValue(each)))],
      exact: true,
    }
  }
  if (operator === '$eq' && operand === null) return { sql: `${column.name} IS NULL`, values: [], exact: false }
  if (!isComparable(column.kind, operand)) return unknown
  if (operator === '$eq') return { sql: `${column.name} = ?`, values: [toColumnValue(operand)], exact: true }
  const comparison = comparisons[operator]
  if (comparison === undefined || column.kind === 'boolean') return unknown
  return { sql: `${column.name} ${comparison} ?`, values: [toColumnValue(operand)], exact: true }
}

function isComparable(kind: ColumnKind, value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string'
  return kind === 'number' ? typeof value === 'number' && Number.isFinite(value) : typeof value === 'boolean'
}

function allOf(parts: readonly Condition[]): Condition {
  const known = parts.filter((part) => part.sql !== '')
  return {
    sql: known.map((part) => part.sql).join(' AND '),
    values: known.flatMap((part) => part.values),
    exact: parts.every((part) => part.exact),
  }
}

function anyOf(parts: readonly Condition[]): Condition {
  // One branch about which nothing is known may match anything.
  if (parts.some((part) => part.sql === '')) return unknown
  return {
    sql: `(${parts.map((part) => `(${part.sql})`).join(' OR ')})`,
    values: parts.flatMap((part) => part.values),
    exact: parts.every((part) => part.exact),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== RegExp.prototype
}
