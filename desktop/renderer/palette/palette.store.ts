import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Command } from './matchCommands.ts'

/** Whether the command palette is open, and what the page that is shown adds to it: a page takes away again what it added. */
export const usePalette = defineStore('palette', () => ({
  open: ref(false),
  offered: shallowRef<readonly Command[]>([]),
  /** What was typed before the field could take it; null: the field has the focus. */
  early: ref<string | null>(null),
}))
