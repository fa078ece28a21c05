// Phrases that every page needs: banners, states, errors.
import { phrases } from './lang'

export const shell = {
  product: { zh: '庇护', en: 'Bihu' },
  switchLang: { zh: 'English', en: '中文' },
  switchLangLabel: { zh: '切换到英文', en: 'Switch to Chinese' },
  themeDark: { zh: '深色', en: 'Dark' },
  themeLight: { zh: '浅色', en: 'Light' },
  themeLabel: { zh: '切换深浅色', en: 'Switch between dark and light' },
  synthetic: { zh: '演示数据：位置与数字均为虚构', en: 'Demonstration data: positions and figures are invented' },
  syntheticMark: { zh: '演示', en: 'Demo' },
  mapFailed: { zh: '地图打不开（浏览器可能不支持 WebGL）。', en: 'The map cannot open (the browser may lack WebGL).' },
  operationalMark: { zh: '内部', en: 'Operational' },
  loading: { zh: '正在读取…', en: 'Loading…' },
  retry: { zh: '重试', en: 'Try again' },
  copy: { zh: '复制', en: 'Copy' },
  copied: { zh: '已复制', en: 'Copied' },
  close: { zh: '关闭', en: 'Close' },
  back: { zh: '返回', en: 'Back' },
  unknown: { zh: '未知', en: 'unknown' },
  skip: { zh: '跳到主要内容', en: 'Skip to content' },
  errorOffline: { zh: '连不上服务器。请检查网络后重试。', en: 'The server cannot be reached. Check the network, then try again.' },
  errorGarbled: { zh: '服务器的回答读不懂。请重试；若再次出现，请联系管理员。', en: 'The server’s answer could not be read. Try again; if it happens again, tell the administrator.' },
  errorUnsigned: { zh: '登录已失效。请重新登录。', en: 'You are no longer signed in. Sign in again.' },
  errorNotFound: { zh: '这条记录已不存在，可能刚被删除。', en: 'This record no longer exists; it may just have been removed.' },
  errorBusy: { zh: '服务器忙。请稍等几秒再试。', en: 'The server is busy. Wait a few seconds, then try again.' },
  errorWait: { zh: '太频繁了。请 {n} 秒后再试。', en: 'Too often. Try again in {n} s.' },
  errorServer: { zh: '服务器出错（事件编号 {incident}）。请重试；若再次出现，请把编号告诉管理员。', en: 'The server failed (incident {incident}). Try again; if it happens again, give the number to the administrator.' },
  errorUnknown: { zh: '出错了（{status}）。请重试。', en: 'Something went wrong ({status}). Try again.' },
  notFoundTitle: { zh: '没有这个页面', en: 'There is no such page' },
  notFoundWay: { zh: '去避难场所查询', en: 'Go to Find a shelter' },
}

export const ts = phrases(shell)
