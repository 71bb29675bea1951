import {
  inject,
  onScopeDispose,
  shallowReactive,
  toValue,
  watchEffect,
  type InjectionKey,
  type MaybeRefOrGetter,
  type ShallowRef,
} from 'vue'
import type { MangoQuery } from 'rxdb'
import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { RuntimeCallName, RuntimeInput, RuntimeOutput, Uplink } from '#shared/api/runtimeCalls.ts'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { ClientState } from '#shared/sync/clientState.ts'
import type { HelloReply, SeriesReadReply } from '#shared/sync/protocol.ts'
import type { Place } from './messages.ts'
import type { List, Lists } from './sharedLists.ts'

/** The calls a page may make, of the gateway and of the runtime; a runtime forwards the gateway's. */
type CallName = GatewayCallName | RuntimeCallName
type CallInput<Name extends CallName> = Name extends GatewayCallName
  ? GatewayInput<Name>
  : Name extends RuntimeCallName
    ? RuntimeInput<Name>
    : never
type CallOutput<Name extends CallName> = Name extends GatewayCallName
  ? GatewayOutput<Name>
  : Name extends RuntimeCallName
    ? RuntimeOutput<Name>
    : never

/** Fields with their new values; undefined takes a field away. */
export type Changes<Document> = { [Field in keyof Document]?: Document[Field] | undefined }

/** The page's one link to its data: made by the composition root, used through the composables below. */
export interface DataLink {
  place: Place
  connection: Readonly<ShallowRef<ClientState>>
  /** What the peer said of itself when it was last reached. */
  hello: Readonly<ShallowRef<HelloReply | null>>
  /** Beside a runtime: how that computer stands towards its gateway. */
  uplink: Readonly<ShallowRef<Uplink | null>>
  /** Documents pulled since the connection was made, until it caught up; null otherwise. */
  catchingUp: Readonly<ShallowRef<number | null>>
  lists: Readonly<ShallowRef<Lists | null>>
  /** The peer's time as far as it is known. */
  peerNow(): number
  call<Name extends CallName>(name: Name, input: CallInput<Name>, timeoutMs?: number): Promise<Result<CallOutput<Name>>>
  seriesRead(series: string, from: number, limitBytes: number): Promise<Result<SeriesReadReply>>
  watch(topic: string, listener: (value: JsonValue) => void): () => void
  /**
   * Changes fields of a document this page may write; the change shows at once and travels when the line allows. What depends on what is
   * there is given as a function: it is asked with the newest version.
   */
  edit<Name extends 'workers' | 'profile' | 'jobs'>(
    name: Name,
    id: string,
    changes: Changes<Documents[Name]> | ((document: Documents[Name]) => Changes<Documents[Name]>),
  ): Promise<void>
  wake(): void
}

export const dataKey: InjectionKey<DataLink> = Symbol('data')

export function useData(): DataLink {
  const data = inject(dataKey)
  if (!data) throw new Error('no data link was provided')
  return data
}

/** The documents a query finds, live. A null query finds nothing. The list is shared and released with the component. */
export function useDocuments<Name extends CollectionName>(
  name: Name,
  query: MaybeRefOrGetter<MangoQuery<Documents[Name]> | null> = {},
): { readonly documents: readonly Documents[Name][]; readonly loaded: boolean } {
  const data = useData()
  const found = shallowReactive<{ list: List<Documents[Name]> | null }>({ list: null })
  let release: (() => void) | undefined
  let lastKey: string | null = null
  watchEffect(() => {
    const lists = data.lists.value
    const wanted = toValue(query)
    const key = lists === null || wanted === null ? null : JSON.stringify(wanted)
    if (key === lastKey) return
    lastKey = key
    const before = release
    if (lists === null || wanted === null) {
      found.list = null
      release = undefined
    } else {
      const taken = lists.take(name, wanted)
      found.list = taken.list
      release = taken.release
    }
    before?.()
  })
  onScopeDispose(() => release?.())
  return {
    get documents() {
      return found.list?.documents.value ?? []
    },
    get loaded() {
      return found.list?.loaded.value ?? false
    },
  }
}

/** One document by its id, live; null while it is not known. */
export function useDocument<Name extends CollectionName>(
  name: Name,
  id: MaybeRefOrGetter<string | null | undefined>,
): { readonly document: Documents[Name] | null; readonly loaded: boolean } {
  const found = useDocuments(name, () => {
    const wanted = toValue(id)
    return wanted == null ? null : ({ selector: { id: wanted } } as MangoQuery<Documents[Name]>)
  })
  return {
    get document() {
      return found.documents[0] ?? null
    },
    get loaded() {
      return found.loaded
    },
  }
}
