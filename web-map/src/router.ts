// Which page an address shows. Every page is its own chunk.
import { createRouter, createWebHistory } from 'vue-router'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'lookup', component: () => import('./routes/lookup/LookupPage.vue') },
    { path: '/receipt/:number?', component: () => import('./routes/receipt/ReceiptPage.vue') },
    { path: '/command', name: 'command', component: () => import('./routes/command/CommandPage.vue') },
    { path: '/signin', component: () => import('./routes/signin/SignInPage.vue') },
    { path: '/setup', component: () => import('./routes/setup/SetupPage.vue') },
    { path: '/data/:section?/:item?', component: () => import('./routes/data/DataPage.vue') },
    { path: '/:rest(.*)*', name: 'lost', component: () => import('./routes/lost/LostPage.vue') },
  ],
})
