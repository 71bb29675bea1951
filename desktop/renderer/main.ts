import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { boot } from './boot.ts'
import { problemKey, createProblem } from './frame/problem.ts'
import { registerIcons } from './icons.ts'
import { createPageRouter } from './routes.ts'
import './theme/main.css'
import { createWords, isLanguage } from './words/languages.ts'

/** The composition root of the dashboard. */
const storedLanguage = localStorage.getItem('pictor.language') ?? 'en'
const problem = createProblem()
const app = createApp(App, { boot: boot() })
app.use(createPinia())
app.use(createPageRouter())
app.use(createWords(isLanguage(storedLanguage) ? storedLanguage : 'en'))
app.provide(problemKey, problem)
// A part that fails shows a page that says so, instead of an empty one.
app.config.errorHandler = (error) => problem.note(error)
registerIcons()
app.mount('#app')
