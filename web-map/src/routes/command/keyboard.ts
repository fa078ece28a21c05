// Keyboard shortcuts of the operations map.
//
// Invariant: a key typed into a field is text, never a command; keys with Ctrl, Alt or Meta belong to the browser.
import { onBeforeUnmount, onMounted } from 'vue'

export type Shortcuts = Record<string, () => void>

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName))
}

/** True when the event is a plain key outside of any field. */
export function isCommand(event: Pick<KeyboardEvent, 'ctrlKey' | 'altKey' | 'metaKey' | 'isComposing'>): boolean {
  return !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing
}

/** Binds keys (as `event.key`, letters in lower case) while the component lives. */
export function useShortcuts(shortcuts: Shortcuts): void {
  function press(event: KeyboardEvent): void {
    if (!isCommand(event) || document.querySelector('dialog[open]')) return
    if (isTyping(event.target) && event.key !== 'Escape') return
    const action = shortcuts[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  onMounted(() => document.addEventListener('keydown', press))
  onBeforeUnmount(() => document.removeEventListener('keydown', press))
}
