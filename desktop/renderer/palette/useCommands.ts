import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { useData, useDocuments } from '../data/dataLink.ts'
import { navigation } from '../frame/navigation.ts'
import { usePreferences } from '../frame/preferences.store.ts'
import { useSession } from '../frame/session.ts'
import { useToasts } from '../frame/toasts.ts'
import { usePause } from '../pages/worker/usePause.ts'
import { nobody } from '../pages/workers/nobody.ts'
import { useFleet } from '../pages/workers/useFleet.ts'
import { useSubmit } from '../submit/submit.store.ts'
import { isLanguage, languages } from '#shared/words/languages.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { Command } from './matchCommands.ts'
import { usePalette } from './palette.store.ts'

const newestJobs = 500

/** Everything the palette knows: pages, actions, workers, the newest jobs. */
export function useCommands(): ComputedRef<Command[]> {
  const { t } = useI18n()
  const router = useRouter()
  const data = useData()
  const preferences = usePreferences()
  const fleet = useFleet()
  const submit = useSubmit()
  const toasts = useToasts()
  const session = useSession()
  const palette = usePalette()
  const here = computed(() => fleet.rows.value.find(({ id }) => id === fleet.hereId.value) ?? null)
  const pause = usePause(
    () => here.value ?? nobody,
    () => true,
  )
  const jobs = useDocuments('jobs', { sort: [{ createdAt: 'desc' }], limit: newestJobs })

  const pages = computed((): Command[] => {
    const go = (name: string, label: string, icon: string): Command => ({
      ...{ id: `page/${name}`, group: 'pages', label, icon },
      run: () => void router.push({ name }),
    })
    return [
      ...navigation
        .filter((item) => item.onlyRuntime !== true || data.place === 'runtime')
        .map((item) => go(item.name, t(item.name === 'software' ? 'software.title' : `nav.${item.name}`), item.icon)),
      go('settings', t('settings.title'), 'i-lucide-settings'),
      go('account', t('owner.title'), 'i-lucide-circle-user-round'),
    ]
  })
  const actions = computed((): Command[] => {
    const themes = [
      { theme: 'auto', word: 'system', icon: 'i-lucide-sun-moon' },
      { theme: 'light', word: 'light', icon: 'i-lucide-sun' },
      { theme: 'dark', word: 'dark', icon: 'i-lucide-moon' },
    ] as const
    return [
      {
        ...{ id: 'action/new-worker', group: 'actions', label: t('workers.add'), icon: 'i-lucide-plus' },
        run: () => void router.push({ name: 'workers', query: { new: '1' } }),
      },
      { ...{ id: 'action/submit', group: 'actions', label: t('jobs.submit'), icon: 'i-lucide-upload' }, run: () => submit.choose() },
      ...themes.map(({ theme, word, icon }): Command => ({
        ...{ id: `action/theme/${theme}`, group: 'actions', label: t('palette.theme', { theme: t(`theme.${word}`) }), icon },
        run: () => (preferences.theme = theme),
      })),
      ...Object.entries(languages).map(([tag, language]): Command => ({
        ...{ id: `action/language/${tag}`, group: 'actions', label: t('palette.language', { language }), icon: 'i-lucide-languages' },
        run: () => {
          if (isLanguage(tag)) preferences.languageChoice = tag
        },
      })),
      ...(session.info.value === null
        ? []
        : [
            {
              ...{ id: 'action/sign-out', group: 'actions' as const, label: t('account.signOut'), icon: 'i-lucide-log-out' },
              run: () => void session.signOut(),
            },
          ]),
    ]
  })
  const say = async (step: Promise<AppError | null>): Promise<void> => {
    const error = await step
    if (error) toasts.problem(error)
  }
  /** This computer rests, or goes on, from whatever page one is on. */
  const resting = computed((): Command[] => {
    if (here.value === null) return []
    const label = (key: string): string => t('palette.here', { action: t(key) })
    if (pause.paused.value)
      return [
        {
          ...{ id: 'action/resume', group: 'actions', label: label('worker.resume'), icon: 'i-lucide-play' },
          run: () => void say(pause.resume()),
        },
      ]
    const kinds = [
      { kind: 'now', key: 'worker.pauseNow', icon: 'i-lucide-pause' },
      { kind: 'afterFrame', key: 'palette.pauseAfterFrame', icon: 'i-lucide-circle-pause' },
      { kind: 'hour', key: 'palette.pauseHour', icon: 'i-lucide-clock' },
      { kind: 'tomorrow', key: 'palette.pauseTomorrow', icon: 'i-lucide-sunrise' },
    ] as const
    return kinds.map(({ kind, key, icon }): Command => ({
      ...{ id: `action/pause/${kind}`, group: 'actions', label: label(key), icon },
      run: () => void say(pause.pause(kind)),
    }))
  })
  const workers = computed(() =>
    fleet.rows.value.map((row): Command => ({
      ...{ id: `worker/${row.id}`, group: 'workers', label: row.name, more: row.haystack, icon: 'i-lucide-server' },
      run: () => void router.push({ name: 'worker', params: { workerId: row.id } }),
    })),
  )
  const work = computed(() =>
    jobs.documents.map((job): Command => ({
      ...{ id: `job/${job.id}`, group: 'jobs', label: job.name, more: job.id, icon: 'i-lucide-clapperboard' },
      run: () => void router.push({ name: 'job', params: { jobId: job.id } }),
    })),
  )
  return computed(() => [...pages.value, ...palette.offered, ...resting.value, ...actions.value, ...workers.value, ...work.value])
}
