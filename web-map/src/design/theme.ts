// Dark or light. The system's preference until the user chooses; the choice is remembered.
import { shallowRef, watchEffect } from 'vue'

export type Theme = 'dark' | 'light'
const KEY = 'bihu.theme'

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'dark' || value === 'light' ? value : null
  } catch {
    return null
  }
}

function preferred(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** The theme in use. */
export const theme = shallowRef<Theme>('light')

/** Chooses the other theme and remembers it. */
export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(KEY, theme.value)
  } catch {
    // Storage is switched off: the choice lives as long as the page.
  }
}

/** Sets `<html data-theme>` and follows the system while no choice was made. */
export function bindTheme(): void {
  theme.value = stored() ?? preferred()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (!stored()) theme.value = preferred()
  })
  watchEffect(() => {
    document.documentElement.dataset.theme = theme.value
  })
}
