import { inject, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { ShownError } from '../words/useErrorText.ts'

interface Toast {
  id: number
  /** A sentence, or an error whose words are found by its code. */
  content: { text: string; action?: ToastAction } | { error: ShownError }
}

/** Something that can be done about what was said, for as long as it is shown. */
export interface ToastAction {
  label: string
  act: () => void
  forMs: number
}

/** Short messages at the page's edge; errors stay until they are closed. */
export interface Toasts {
  shown: Readonly<ShallowRef<readonly Toast[]>>
  say(text: string, action?: ToastAction): void
  problem(error: ShownError): void
  close(id: number): void
}
export const toastsKey: InjectionKey<Toasts> = Symbol('toasts')

const sentenceMs = 5_000
const atMost = 4

export function createToasts(): Toasts {
  const shown = shallowRef<readonly Toast[]>([])
  let last = 0
  const add = (content: Toast['content']): number => {
    last += 1
    shown.value = [...shown.value, { id: last, content }].slice(-atMost)
    return last
  }
  const close = (id: number): void => {
    shown.value = shown.value.filter((toast) => toast.id !== id)
  }
  return {
    shown,
    close,
    say(text, action) {
      const id = add(action === undefined ? { text } : { text, action })
      setTimeout(() => close(id), action?.forMs ?? sentenceMs)
    },
    problem: (error) => void add({ error }),
  }
}

export function useToasts(): Toasts {
  const toasts = inject(toastsKey)
  if (!toasts) throw new Error('no toasts were provided')
  return toasts
}
