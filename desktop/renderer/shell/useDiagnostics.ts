import { ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { AppError } from '#shared/errors/appError.ts'
import { useToasts } from '../frame/toasts.ts'
import type { ShellLink } from './shellLink.ts'

/** Writes the file for those who help, where the person says, and tells where it is. `go` gives the error, if there was one. */
export function useDiagnostics(shell: ShellLink): { exporting: Ref<boolean>; go: () => Promise<AppError | null> } {
  const { t } = useI18n()
  const toasts = useToasts()
  const exporting = ref(false)
  return {
    exporting,
    async go() {
      exporting.value = true
      const answer = await shell.call('diagnostics.export', {})
      exporting.value = false
      if (!answer.ok) return answer.error
      if (answer.value.path !== null) toasts.say(t('desktop.diagnosticsDone', { path: answer.value.path }))
      return null
    },
  }
}
