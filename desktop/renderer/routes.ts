import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'

/** Each page is a chunk of its own. Addresses stand behind the hash, so that one build works under any origin and path. */
const routes: RouteRecordRaw[] = [
  { path: '/', name: 'overview', component: () => import('./pages/overview/OverviewPage.vue') },
  { path: '/workers', name: 'workers', component: () => import('./pages/workers/WorkersPage.vue') },
  { path: '/workers/:workerId', name: 'worker', component: () => import('./pages/worker/WorkerPage.vue') },
  { path: '/workers/:workerId/tasks/:taskId', name: 'task', component: () => import('./pages/task/TaskPage.vue') },
  { path: '/jobs', name: 'jobs', component: () => import('./pages/jobs/JobsPage.vue') },
  { path: '/jobs/:jobId', name: 'job', component: () => import('./pages/job/JobPage.vue') },
  { path: '/earnings', name: 'earnings', component: () => import('./pages/earnings/EarningsPage.vue') },
  { path: '/computer', name: 'computer', component: () => import('./pages/computer/ComputerPage.vue') },
  { path: '/welcome', name: 'welcome', component: () => import('./pages/welcome/WelcomePage.vue') },
  { path: '/notices', name: 'notices', component: () => import('./pages/notices/NoticesPage.vue') },
  { path: '/software', name: 'software', component: () => import('./pages/software/SoftwarePage.vue') },
  { path: '/settings', name: 'settings', component: () => import('./pages/settings/SettingsPage.vue') },
  { path: '/account', name: 'account', component: () => import('./pages/account/AccountPage.vue') },
  { path: '/:rest(.*)*', name: 'notFound', component: () => import('./pages/NotFoundPage.vue') },
]

export const createPageRouter = () => createRouter({ history: createWebHashHistory(), routes })
