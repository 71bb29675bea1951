import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Which worker config the user is handing in, by button or dropped; the dialog that asks floats above every page. */
export const useImport = defineStore('import', () => {
  const file = shallowRef<File | null>(null)
  return { file }
})
