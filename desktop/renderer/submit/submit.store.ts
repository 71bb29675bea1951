import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Which scene the user is handing in; the dialog that does it floats above every page. */
export const useSubmit = defineStore('submit', () => {
  const file = shallowRef<File | null>(null)
  /** Asks the browser's file dialog for a scene. */
  function choose(): void {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = '.blend'
    input.onchange = () => {
      const [chosen] = input.files ?? []
      if (chosen) file.value = chosen
    }
    input.click()
  }
  function close(): void {
    file.value = null
  }
  return { file, choose, close }
})
