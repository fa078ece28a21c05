// Which page an address shows. Every page is its own chunk.
import { createRouter, createWebHistory } from 'vue-router'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'lookup', component: () => import('./routes/lookup/LookupPage.vue') },
    { path: '/command', name: 'command', component: () => import('./routes/command/CommandPage.vue') },
    { path: '/:rest(.*)*', name: 'lost', component: () => import('./routes/lost/LostPage.vue') },
  ],
})
