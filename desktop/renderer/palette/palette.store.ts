import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Whether the command palette is open. */
export const usePalette = defineStore('palette', () => ({ open: ref(false) }))
