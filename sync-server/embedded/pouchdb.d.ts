/** What we use of packages that bring no types. */
declare module 'pouchdb' {
  interface Database {
    info(): Promise<{ doc_count: number; update_seq: number | string }>
    compact(): Promise<unknown>
    close(): Promise<void>
    allDocs(options: object): Promise<{ rows: { id: string; doc?: Record<string, unknown>; value: { rev: string } }[] }>
    bulkDocs(documents: object[], options?: object): Promise<unknown[]>
    replicate: { to(target: Database, options: object): Replication; from(source: Database, options: object): Replication }
  }
  interface Replication extends Promise<{ docs_written: number }> {
    on(event: 'change', listener: (info: { docs_written: number }) => void): this
    cancel(): void
  }
  interface PouchDBStatic {
    new (name: string, options?: object): Database
    defaults(options: object): PouchDBStatic
    plugin(plugin: object): PouchDBStatic
  }
  const PouchDB: PouchDBStatic
  export default PouchDB
  export type { Database, PouchDBStatic, Replication }
}
declare module 'express-pouchdb' {
  import type { Express } from 'express'
  import type { PouchDBStatic } from 'pouchdb'
  export default function expressPouchDB(pouch: PouchDBStatic, options: object): Express
}
declare module 'pouchdb-core' {
  import type { PouchDBStatic } from 'pouchdb'
  const PouchDB: PouchDBStatic
  export default PouchDB
}
declare module 'pouchdb-adapter-http' {
  const plugin: object
  export default plugin
}
declare module 'pouchdb-replication' {
  const plugin: object
  export default plugin
}
