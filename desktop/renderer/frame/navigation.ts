export interface NavigationItem {
  name: 'overview' | 'workers' | 'jobs' | 'earnings' | 'computer' | 'software' | 'notices'
  icon: string
  /** Only where the page is served by a computer that renders. */
  onlyRuntime?: true
  /** A narrow screen has it in the menu of the account, not in its bar. */
  onlyWide?: true
}

export const navigation: readonly NavigationItem[] = [
  { name: 'overview', icon: 'i-lucide-layout-dashboard' },
  { name: 'workers', icon: 'i-lucide-server' },
  { name: 'jobs', icon: 'i-lucide-clapperboard' },
  { name: 'earnings', icon: 'i-lucide-coins' },
  { name: 'computer', icon: 'i-lucide-monitor', onlyRuntime: true },
  { name: 'software', icon: 'i-lucide-package', onlyWide: true },
  { name: 'notices', icon: 'i-lucide-bell' },
]
