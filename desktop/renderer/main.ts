import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { boot } from './boot.ts'
import { usePreferences } from './frame/preferences.store.ts'
import { problemKey, createProblem } from './frame/problem.ts'
import { registerIcons } from './icons.ts'
import { createPageRouter } from './routes.ts'
import './theme/main.css'
import { createWords } from './words/languages.ts'

/** The composition root of the dashboard. */
const words = createWords()
const problem = createProblem()
const pinia = createPinia()
const app = createApp(App, { boot: boot((error) => problem.note(error)), showLanguage: words.show })
app.use(pinia)
app.use(createPageRouter())
app.use(words.plugin)
app.provide(problemKey, problem)
// A part that fails shows a page that says so, instead of an empty one.
app.config.errorHandler = (error) => problem.note(error)
registerIcons()
// The first thing that is painted is in the user's language.
void words.show(usePreferences(pinia).language).then(() => app.mount('#app'))
