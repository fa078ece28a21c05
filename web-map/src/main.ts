// Starts the page: theme and language first, so that nothing flashes, then the route.
import { createApp, h } from 'vue'
import { RouterView } from 'vue-router'
import './design/tokens.css'
import './design/base.css'
import { bindTheme } from './design/theme'
import { bindDocumentLang } from './i18n/lang'
import { router } from './router'

bindTheme()
bindDocumentLang()
createApp({ render: () => h(RouterView) }).use(router).mount('#app')
