import{a as t,b as Z,c as e,d as a,e as o,f as x,g as N,h as S,i as u,j as s,k as c,l as h,m as v,n as g,p as I,q as f,r as n}from"./ykc-SF4FT7HO.js";function G(H,V){let C=new Map(V.map(M=>[M.code,M])),L=H.listeners.map(M=>M.piles.some(r=>C.has(r.code))?{...M,piles:M.piles.map(r=>f1(r,C.get(r.code)))}:M);return{...H,listeners:L}}function f1(H,V){if(!V)return H;let C=new Map(V.guns.map(L=>[L.number,L]));return{...H,...V,guns:H.guns.map(L=>({...L,...C.get(L.number)}))}}function Q(H){return H.listeners.flatMap(V=>V.piles.flatMap(C=>C.guns.map(L=>({listener:V,pile:C,gun:L}))))}function G1(H,V){return Q(H).filter(({pile:C,gun:L})=>L.device_id===V||C.device_id===V)}function Q1(H,{pile:V,gun:C}){return V.guns.length===1&&!C.name?V.name:`${V.name} · ${C.name??N(H,"gun",{number:C.number})}`}var k1=new Set(["starting","waiting_for_plug","charging","stopping"]);function k(H){return k1.has(H)}function l(H){return H.status==="charging"||H.status==="stopping"}function B(H,V,C){let L=H.find(r=>r.pile===V.code&&r.gun===C.number),M=l(C);return{energy:(L?.energy??0)+(M?C.energy??0:0),amount:(L?.amount??0)+(M?C.cost??0:0)}}function U1(H,V){return V.map(({pile:C,gun:L})=>B(H,C,L)).reduce((C,L)=>({energy:C.energy+L.energy,amount:C.amount+L.amount}),{energy:0,amount:0})}function U(H){return Q(H).map(({pile:V,gun:C})=>`${V.code}_${C.number}_${k(C.status)}_${C.last_session?.ended}`).join()}var P;async function w(H){if(P?.language!==H.language){let V=async()=>(await H.loadBackendTranslation("exceptions","ykc"),H.loadBackendTranslation("entity","ykc"));P={language:H.language,localize:V()}}await P.localize}function T(H,V,C){return H.localize(`component.ykc.entity.${V}.state.${C}`)||C.replaceAll("_"," ")}function z(H,V){return T(H,"sensor.status",V)}function $(H,V){return T(H,"sensor.last_session_stop_reason",V)}function K(H,V){return T(H,"binary_sensor.problem.state_attributes.faults",V)}function _(H,V){let{translation_domain:C,translation_key:L,translation_placeholders:M,message:r}=V??{},A=`component.${C}.exceptions.${L}.message`;return L&&H.localize(A,M)||r||String(V)}var B1=10*6e4,P1=2e3,w1=1e4,b=class{constructor(V){this.hass=V;this.known={};this.listeners=new Set;this.over="";this.again=()=>{clearTimeout(this.retryTimer),this.unsubscribe=this.subscribe()}}listen(V){return this.listeners.add(V),this.listeners.size===1&&this.open(),()=>{this.listeners.delete(V),this.listeners.size===0&&this.close()}}tell(V){this.known=V;for(let C of this.listeners)C()}open(){this.hass.connection.addEventListener("ready",this.again),this.again()}async subscribe(){let{connection:V}=this.hass;try{return await w(this.hass),await V.subscribeMessage(C=>this.take(C),{type:"ykc/subscribe"},{resubscribe:!1})}catch(C){if(!this.listeners.size)return;this.tell({...this.known,error:C}),this.retryTimer=window.setTimeout(this.again,w1);return}}close(){this.hass.connection.removeEventListener("ready",this.again),clearTimeout(this.sumsTimer),clearTimeout(this.retryTimer),this.unsubscribe?.then(V=>V?.()),this.unsubscribe=void 0,this.known={},this.over=""}take(V){let{overview:C,sums:L}=this.known,M="overview"in V?V.overview:C&&G(C,V.piles);if(!M)return;this.tell({overview:M,...L?{sums:L}:{}});let r=U(M);r!==this.over&&(this.askForSums(this.over===""?0:P1),this.over=r)}askForSums(V){clearTimeout(this.sumsTimer),this.sumsTimer=window.setTimeout(async()=>{try{let C=await this.hass.callWS({type:"ykc/sums"});this.unsubscribe&&this.tell({...this.known,sums:C})}catch{}this.unsubscribe&&this.askForSums(B1)},V)}},q=new WeakMap;function T1(H){let V=q.get(H.connection);return V||(V=new b(H),q.set(H.connection,V)),V}var j=class{constructor(V){this.host=V;this.language="";V.addController(this)}get known(){return this.feed?.known??{}}hostUpdate(){if(!this.host.hass||!this.host.isConnected)return;let V=T1(this.host.hass);this.host.hass.language!==this.language&&(this.language=this.host.hass.language,w(this.host.hass).then(()=>this.host.requestUpdate(),()=>{})),(V!==this.feed||!this.end)&&(this.end?.(),this.feed=V,this.end=V.listen(()=>this.host.requestUpdate()))}hostConnected(){this.host.requestUpdate()}hostDisconnected(){this.end?.(),this.end=void 0}};var X="M16 17V19H2V17S2 13 9 13 16 17 16 17M12.5 7.5A3.5 3.5 0 1 0 9 11A3.5 3.5 0 0 0 12.5 7.5M15.94 13A5.32 5.32 0 0 1 18 17V19H22V17S22 13.37 15.94 13M15 4A3.39 3.39 0 0 0 13.07 4.59A5 5 0 0 1 13.07 10.41A3.39 3.39 0 0 0 15 11A3.5 3.5 0 0 0 15 4Z";var y="M13,13H11V7H13M13,17H11V15H13M12,2A10,10 0 0,0 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2Z";var J="M16,10H8V6H16M16.67,4H15V2H9V4H7.33A1.33,1.33 0 0,0 6,5.33V20.67C6,21.4 6.6,22 7.33,22H16.67A1.33,1.33 0 0,0 18,20.67V5.33C18,4.6 17.4,4 16.67,4Z";var Y="M5,6H23V18H5V6M14,9A3,3 0 0,1 17,12A3,3 0 0,1 14,15A3,3 0 0,1 11,12A3,3 0 0,1 14,9M9,8A2,2 0 0,1 7,10V14A2,2 0 0,1 9,16H19A2,2 0 0,1 21,14V10A2,2 0 0,1 19,8H9M1,10H3V20H19V22H1V10Z";var C1="M3,14L3.5,14.07L8.07,9.5C7.89,8.85 8.06,8.11 8.59,7.59C9.37,6.8 10.63,6.8 11.41,7.59C11.94,8.11 12.11,8.85 11.93,9.5L14.5,12.07L15,12C15.18,12 15.35,12 15.5,12.07L19.07,8.5C19,8.35 19,8.18 19,8A2,2 0 0,1 21,6A2,2 0 0,1 23,8A2,2 0 0,1 21,10C20.82,10 20.65,10 20.5,9.93L16.93,13.5C17,13.65 17,13.82 17,14A2,2 0 0,1 15,16A2,2 0 0,1 13,14L13.07,13.5L10.5,10.93C10.18,11 9.82,11 9.5,10.93L4.93,15.5L5,16A2,2 0 0,1 3,18A2,2 0 0,1 1,16A2,2 0 0,1 3,14Z";var H1="M12 2C6.5 2 2 6.5 2 12S6.5 22 12 22 22 17.5 22 12 17.5 2 12 2M10 17L5 12L6.41 10.59L10 14.17L17.59 6.58L19 8L10 17Z";var V1="M12,20A8,8 0 0,0 20,12A8,8 0 0,0 12,4A8,8 0 0,0 4,12A8,8 0 0,0 12,20M12,2A10,10 0 0,1 22,12A10,10 0 0,1 12,22C6.47,22 2,17.5 2,12A10,10 0 0,1 12,2M12.5,7V12.25L17,14.92L16.25,16.15L11,13V7H12.5Z";var L1="M19,6.41L17.59,5L12,10.59L6.41,5L5,6.41L10.59,12L5,17.59L6.41,19L12,13.41L17.59,19L19,17.59L13.41,12L19,6.41Z";var M1="M19.8 22.6L17.15 20H6.5Q4.2 20 2.6 18.4T1 14.5Q1 12.58 2.19 11.08 3.38 9.57 5.25 9.15 5.33 8.95 5.4 8.76 5.5 8.57 5.55 8.35L1.4 4.2L2.8 2.8L21.2 21.2M6.5 18H15.15L7.1 9.95Q7.05 10.23 7.03 10.5 7 10.73 7 11H6.5Q5.05 11 4.03 12.03 3 13.05 3 14.5 3 15.95 4.03 17 5.05 18 6.5 18M11.13 14M21.6 18.75L20.15 17.35Q20.58 17 20.79 16.54 21 16.08 21 15.5 21 14.45 20.27 13.73 19.55 13 18.5 13H17V11Q17 8.93 15.54 7.46 14.08 6 12 6 11.33 6 10.7 6.16 10.07 6.33 9.5 6.68L8.05 5.23Q8.93 4.63 9.91 4.31 10.9 4 12 4 14.93 4 16.96 6.04 19 8.07 19 11 20.73 11.2 21.86 12.5 23 13.78 23 15.5 23 16.5 22.63 17.31 22.25 18.15 21.6 18.75M14.83 12.03Z";var r1="M5,20H19V18H5M19,9H15V3H9V9H5L12,16L19,9Z";var e1="M17.3 5C19 6.5 20 8.6 20 11C20 15.4 16.4 19 12 19S4 15.4 4 11C4 8.6 5.1 6.5 6.7 5H17.3M18 3H6L5.4 3.5C3.2 5.4 2 8.1 2 11C2 16.5 6.5 21 12 21S22 16.5 22 11C22 8.1 20.8 5.4 18.6 3.5L18 3M13 7.5C13 8.3 13.7 9 14.5 9S16 8.3 16 7.5 15.3 6 14.5 6 13 6.7 13 7.5M8 7.5C8 8.3 8.7 9 9.5 9S11 8.3 11 7.5 10.3 6 9.5 6 8 6.7 8 7.5M7 13C8.1 13 9 12.1 9 11C9 9.9 8.1 9 7 9S5 9.9 5 11C5 12.1 5.9 13 7 13M11.5 15C11.5 13.9 10.6 13 9.5 13S7.5 13.9 7.5 15C7.5 16.1 8.4 17 9.5 17S11.5 16.1 11.5 15M12 13C13.1 13 14 12.1 14 11C14 9.9 13.1 9 12 9S10 9.9 10 11C10 12.1 10.9 13 12 13M16.5 15C16.5 13.9 15.6 13 14.5 13S12.5 13.9 12.5 15C12.5 16.1 13.4 17 14.5 17S16.5 16.1 16.5 15M19 11C19 9.9 18.1 9 17 9S15 9.9 15 11C15 12.1 15.9 13 17 13S19 12.1 19 11",t1="M19.77,7.23L19.78,7.22L16.06,3.5L15,4.56L17.11,6.67C16.17,7.03 15.5,7.93 15.5,9A2.5,2.5 0 0,0 18,11.5C18.36,11.5 18.69,11.42 19,11.29V18.5A1,1 0 0,1 18,19.5A1,1 0 0,1 17,18.5V14A2,2 0 0,0 15,12H14V5A2,2 0 0,0 12,3H6A2,2 0 0,0 4,5V21H14V13.5H15.5V18.5A2.5,2.5 0 0,0 18,21A2.5,2.5 0 0,0 20.5,18.5V9C20.5,8.31 20.22,7.68 19.77,7.23M18,10A1,1 0 0,1 17,9A1,1 0 0,1 18,8A1,1 0 0,1 19,9A1,1 0 0,1 18,10M8,18V13.5H6L10,6V11H12L8,18Z";var A1="M7,2V13H10V22L17,10H13L17,2H7Z";var i1="M13.5,8H12V13L16.28,15.54L17,14.33L13.5,12.25V8M13,3A9,9 0 0,0 4,12H1L4.96,16.03L9,12H6A7,7 0 0,1 13,5A7,7 0 0,1 20,12A7,7 0 0,1 13,19C11.07,19 9.32,18.21 8.06,16.94L6.64,18.36C8.27,20 10.5,21 13,21A9,9 0 0,0 22,12A9,9 0 0,0 13,3";var o1="M11,9H13V7H11M12,20C7.59,20 4,16.41 4,12C4,7.59 7.59,4 12,4C16.41,4 20,7.59 20,12C20,16.41 16.41,20 12,20M12,2A10,10 0 0,0 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2M11,17H13V11H11V17Z";var a1="M11 15H6L13 1V9H18L11 23V15Z";var d1="M3,6H21V8H3V6M3,11H21V13H3V11M3,16H21V18H3V16Z";var p1="M8,5.14V19.14L19,12.14L8,5.14Z";var m1="M16,7V3H14V7H10V3H8V7H8C7,7 6,8 6,9V14.5L9.5,18V21H14.5V18L18,14.5V9C18,8 17,7 16,7Z";var x1="M20.84 22.73L15.31 17.2L14.5 18V21H9.5V18L6 14.5V9C6 8.7 6.1 8.41 6.25 8.14L1.11 3L2.39 1.73L22.11 21.46L20.84 22.73M18 14.5V9C18 8 17 7 16 7V3H14V7H10.2L17.85 14.65L18 14.5M10 3H8V4.8L10 6.8V3Z",v1="M22.11 21.46L2.39 1.73L1.11 3L6.25 8.14C6.1 8.41 6 8.7 6 9V14.5L9.5 18V21H14.5V18L15.31 17.2L20.84 22.73L22.11 21.46M13.09 16.59L12.67 17H11.33L10.92 16.59L8 13.67V9.89L13.89 15.78L13.09 16.59M12.2 9L10.2 7H14V3H16V7C17 7 18 8 18 9V14.5L17.85 14.65L16 12.8V9.09C16 9.06 15.95 9 15.92 9H12.2M10 6.8L8 4.8V3H10V6.8Z";var n1="M18,18H6V6H18V18Z";var F="M6,2H18V8H18V8L14,12L18,16V16H18V22H6V16H6V16L10,12L6,8V8H6V2M16,16.5L12,12.5L8,16.5V20H16V16.5M12,11.5L16,7.5V4H8V7.5L12,11.5M10,6H14V6.75L12,8.75L10,6.75V6Z";var l1="M13,3V9H21V3M13,21H21V11H13M3,21H11V15H3M3,13H11V3H3V13Z";var b1={alert:y,battery:J,cash:Y,chart:C1,clock:V1,close:L1,device:o1,download:r1,drivers:X,flash:A1,history:i1,menu:d1,overview:l1,play:p1,station:t1,stop:n1},y1={offline:M1,fault:y,idle:v1,plugged:m1,starting:F,waiting_for_plug:x1,charging:a1,stopping:F,finished:H1},F1={plugged:e1};function R(H){return e`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${H}></path></svg>`}function p(H){return R(b1[H])}function D(H){return R(y1[H??"offline"])}function Z1(){return R(F1.plugged)}function R1(H){history.pushState(null,"",H),window.dispatchEvent(new CustomEvent("location-changed",{detail:{replace:!1}}))}function S1(H){let V=H.currentTarget;V instanceof HTMLAnchorElement&&(H.defaultPrevented||H.button||H.metaKey||H.ctrlKey||H.shiftKey||(H.preventDefault(),R1(V.pathname)))}var E=44,u1=2*Math.PI*E;function s1(H,V,C){let L=H===null?.25:Math.min(1,Math.max(0,H));return e`
    <div
      class="ring ${H===null?"turning":""}"
      role=${H===null?"img":"progressbar"}
      aria-label=${C}
      aria-valuemin=${0}
      aria-valuemax=${100}
      aria-valuenow=${H===null?0:Math.round(L*100)}
    >
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle class="track" cx="50" cy="50" r=${E}></circle>
        <circle
          class="fill"
          cx="50"
          cy="50"
          r=${E}
          stroke-dasharray="${L*u1} ${u1}"
          transform="rotate(-90 50 50)"
        ></circle>
      </svg>
      <div class="inside">${V}</div>
    </div>
  `}var c1=Z`
  :host {
    display: block;
    --ykc-status: var(--secondary-text-color, #5e5e5e);
    container-type: inline-size;
  }
  article {
    display: flex;
    flex-direction: column;
    gap: 16px;
    height: 100%;
    padding: 16px;
    position: relative;
  }
  article.plugged {
    --ykc-status: #2f7fd1;
  }
  article.charging,
  article.stopping {
    --ykc-status: #1d9a5f;
  }
  article.starting,
  article.waiting_for_plug {
    --ykc-status: #c77700;
  }
  article.finished {
    --ykc-status: #7a5fd0;
  }
  article.fault {
    --ykc-status: var(--error-color, #db4437);
  }
  header {
    display: flex;
    align-items: flex-start;
    gap: 12px;
    justify-content: space-between;
  }
  .place {
    display: flex;
    align-items: center;
    gap: 5px;
    margin: 2px 0 0;
    font-size: 0.8125rem;
  }
  .place i {
    width: 8px;
    height: 8px;
    margin-inline-end: 2px;
    border-radius: 50%;
    background: var(--secondary-text-color, #5e5e5e);
  }
  .place.online i {
    background: #1d9a5f;
  }
  .place a {
    display: grid;
    place-items: center;
    width: 24px;
    height: 24px;
    border-radius: 50%;
    color: inherit;
  }
  .place svg {
    width: 16px;
    height: 16px;
  }
  h2 {
    margin: 0;
    font-size: 1.125rem;
    font-weight: 500;
    line-height: 1.3;
    overflow-wrap: anywhere;
  }
  .status {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 5px 12px 5px 8px;
    border-radius: 16px;
    background: color-mix(in srgb, var(--ykc-status) 15%, transparent);
    font-size: 0.875rem;
    font-weight: 500;
    white-space: nowrap;
  }
  .status svg {
    width: 18px;
    height: 18px;
    color: var(--ykc-status);
  }
  .body {
    display: flex;
    align-items: center;
    gap: 20px;
    min-height: 124px;
  }
  .ring {
    position: relative;
    flex: none;
    width: 124px;
    height: 124px;
  }
  .ring svg:not(.icon) {
    width: 100%;
    height: 100%;
  }
  .ring circle {
    fill: none;
    stroke-width: 8;
  }
  .track {
    stroke: var(--ykc-soft);
  }
  .fill {
    stroke: var(--ykc-status);
    stroke-linecap: round;
    transition: stroke-dasharray 600ms ease-out;
  }
  .turning svg:not(.icon) {
    animation: turn 2.4s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }
  .inside {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    line-height: 1.15;
  }
  .inside strong {
    font-size: 1.75rem;
    font-weight: 500;
  }
  .inside small {
    font-size: 0.75rem;
  }
  .badge {
    flex: none;
    display: grid;
    place-items: center;
    width: 64px;
    height: 64px;
    border-radius: 50%;
    background: color-mix(in srgb, var(--ykc-status) 13%, transparent);
    color: var(--ykc-status);
  }
  .badge svg {
    width: 32px;
    height: 32px;
  }
  .words p {
    margin: 0 0 2px;
  }
  .words .hint {
    font-size: 1.0625rem;
    font-weight: 500;
  }
  .words .muted {
    font-size: 0.875rem;
    line-height: 1.45;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 10px 16px;
    margin: 0;
    flex: 1;
  }
  dt {
    font-size: 0.75rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  dd {
    margin: 0;
    font-size: 1.125rem;
    font-weight: 500;
    white-space: nowrap;
  }
  dd small {
    font-size: 0.8125rem;
    font-weight: 400;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .sums {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0;
    border-radius: calc(var(--ykc-radius) - 2px);
    background: var(--ykc-soft);
  }
  .sums div {
    padding: 10px 12px;
  }
  .sums div + div {
    border-inline-start: 1px solid var(--ykc-line);
  }
  .sums dd {
    font-size: 0.9375rem;
    white-space: normal;
  }
  .push {
    margin-top: auto;
  }
  .actions {
    display: flex;
    gap: 8px;
    margin-top: 16px;
  }
  .actions .button {
    flex: 1;
  }
  .faults {
    margin: 0;
    padding: 10px 14px;
    border-radius: calc(var(--ykc-radius) - 2px);
    background: color-mix(in srgb, var(--error-color, #db4437) 12%, transparent);
    font-size: 0.9375rem;
  }
  .error {
    display: flex;
    align-items: flex-start;
    gap: 10px;
    margin-top: 12px;
    padding: 10px 6px 10px 14px;
    border-radius: calc(var(--ykc-radius) - 2px);
    background: color-mix(in srgb, var(--error-color, #db4437) 12%, transparent);
    font-size: 0.875rem;
    line-height: 1.45;
  }
  .error > svg {
    color: var(--error-color, #db4437);
    width: 20px;
    height: 20px;
  }
  .error p {
    margin: 0;
    flex: 1;
  }
  .error button {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    margin: -6px 0;
    border: 0;
    border-radius: 50%;
    background: none;
    cursor: pointer;
  }
  .spinner {
    width: 18px;
    height: 18px;
    border: 2px solid currentColor;
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: turn 0.8s linear infinite;
  }
  @container (max-width: 300px) {
    .body {
      flex-direction: column;
      align-items: stretch;
    }
    .ring {
      align-self: center;
    }
  }
`;var D1=20,E1={offline:"away",idle:"not_plugged",plugged:"ready",waiting_for_plug:"wait_for_plug",finished:"charged"},i=class extends S{constructor(){super(...arguments);this.heading="";this.currency="CNY";this.chart=!1;this.detailed=!1;this.pending=!1;this.asked=!1;this.error="";this.announced="";this.ask=()=>{this.asked=!0,clearTimeout(this.askedTimer),this.askedTimer=window.setTimeout(this.keep,D1*1e3),this.focusFirst()};this.keep=()=>{let C=this.shadowRoot?.activeElement;this.asked=!1,C&&this.focusFirst()};this.start=()=>this.act("start_charging");this.stop=()=>this.act("stop_charging")}static{this.styles=[s,c1]}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.askedTimer),this.asked=!1}willUpdate(C){let L=C.get("place");L&&L.gun.status!==this.place.gun.status&&(this.error="",this.announced=this.statusText),l(this.place.gun)||(this.asked=!1),this.chart&&l(this.place.gun)&&import("./ykc-YHSUH23Y.js")}get statusText(){let{status:C}=this.place.gun;return C?z(this.hass,C):"–"}render(){let{gun:C}=this.place;return e`
      <article class="card ${C.status??"offline"}" aria-label="${this.heading}">
        <header>
          <div>
            <h2>${this.heading}</h2>
            ${this.detailed?this.renderPlace():a}
          </div>
          <span class="status">${D(C.status)}${this.statusText}</span>
        </header>
        ${C.faults.length?e`<p class="faults">${C.faults.map(L=>K(this.hass,L)).join(" · ")}</p>`:a}
        ${l(C)?this.renderSession():this.renderWords()}
        <div class="push">${this.renderSums()}${this.renderError()}${this.renderActions()}</div>
        <div class="visually-hidden" role="status">${this.announced?this.about(this.announced):a}</div>
      </article>
    `}about(C){return this.text("about",{name:this.heading,what:C})}renderPlace(){let{pile:C,gun:L}=this.place,M=this.text("device",{name:this.heading});return e`<p class="place muted ${C.online?"online":""}">
      <i></i>${this.text(C.online?"online":"offline")}${C.area?e` · ${C.area}`:a}
      <a href="/config/devices/device/${L.device_id}" @click=${S1} aria-label=${M} title=${M}
        >${p("device")}</a
      >
    </p>`}renderSession(){let{gun:C,pile:L}=this.place,{locale:M}=this.hass,r=C.soc,A=r===null?e`${Z1()}<strong class="number">${C.power===null?"–":h(M,C.power)}</strong
            ><small class="muted">kW</small>`:e`<strong class="number">${r} %</strong
            ><small class="muted"
              >${C.remaining===null?"SOC":this.text("remaining",{time:g(C.remaining)})}</small
            >`;return e`
      <div class="body">
        ${s1(r===null?null:r/100,A,this.text(r===null?"power":"state_of_charge"))}
        <dl>
          ${r===null?this.figure("current",C.current===null?"–":C.current.toFixed(1),"A"):this.figure("power",C.power===null?"–":h(M,C.power),"kW")}
          ${this.figure("energy",C.energy===null?"–":c(M,C.energy),"kWh")}
          ${this.figure("cost",C.cost===null?"–":v(M,C.cost,this.currency))}
          ${this.figure("time",C.minutes===null?"–":g(C.minutes))}
        </dl>
      </div>
      ${this.chart&&C.transaction?e`<ykc-session-chart
              .hass=${this.hass}
              .gun=${C}
              .dc=${L.type==="dc"}
              label=${this.text("session_chart")}
            ></ykc-session-chart>`:a}
    `}figure(C,L,M=""){return e`<div>
      <dt>${this.text(C)}</dt>
      <dd class="number">${L}${M?e` <small>${M}</small>`:a}</dd>
    </div>`}renderWords(){let{gun:C}=this.place,L=C.status===null?void 0:E1[C.status];return e`
      <div class="body">
        <div class="badge">${D(C.status)}</div>
        <div class="words">
          <p class="hint">${L?this.text(L):this.statusText}</p>
          ${this.renderLast()}
        </div>
      </div>
    `}renderLast(){let C=this.place.gun.last_session;if(!C)return e`<p class="muted">${this.text("no_charge_yet")}</p>`;let{locale:L,config:M}=this.hass,r=`${c(L,C.energy)} kWh · ${v(L,C.cost,this.currency)}`,A=C.ended?I(L,M.time_zone,new Date(C.ended)):"";return e`
      <p class="muted number">${this.text("last_charge",{figures:r})}</p>
      <p class="muted number">${A?`${A} · `:""}${$(this.hass,C.stop_reason)}</p>
    `}renderSums(){if(!this.sums)return a;let{pile:C,gun:L}=this.place,{locale:M}=this.hass;return e`
      <dl class="sums number">
        ${["today","month"].map(r=>{let A=B(this.sums?.[r]??[],C,L);return e`<div>
            <dt>${this.text(r==="today"?"today":"this_month")}</dt>
            <dd>${c(M,A.energy)} <small>kWh</small> · ${v(M,A.amount,this.currency)}</dd>
          </div>`})}
      </dl>
    `}renderError(){return e`<div role="alert">
      ${this.error?e`<div class="error">
              ${p("alert")}
              <p>${this.text("failed",{error:this.error})}</p>
              <button aria-label=${this.text("dismiss")} @click=${()=>this.error=""}>${p("close")}</button>
            </div>`:a}
    </div>`}renderActions(){let{status:C}=this.place.gun;if(this.pending||C==="stopping"){let L=this.text(k(C)&&C!=="starting"?"stopping":"starting");return C==="starting"?e`<div class="actions">
            <span class="button" aria-hidden="true"><span class="spinner"></span>${L}</span>
            <button class="button" @click=${this.stop} aria-label=${this.about(this.text("cancel_start"))}>
              ${this.text("cancel_start")}
            </button>
          </div>`:e`<div class="actions">
            <button class="button" disabled aria-busy="true"><span class="spinner"></span>${L}</button>
          </div>`}return C==="starting"||C==="waiting_for_plug"?e`<div class="actions">
        <button class="button" @click=${this.stop} aria-label=${this.about(this.text("cancel_start"))}>
          ${p("close")}${this.text("cancel_start")}
        </button>
      </div>`:C==="charging"?this.asked?e`<div class="actions">
            <button class="button danger" @click=${this.stop} aria-label=${this.about(this.text("stop_really"))}>
              ${p("stop")}${this.text("stop_really")}
            </button>
            <button class="button" @click=${this.keep}>${this.text("go_on")}</button>
          </div>`:e`<div class="actions">
            <button class="button stop" @click=${this.ask} aria-label=${this.about(this.text("stop"))}>
              ${p("stop")}${this.text("stop")}
            </button>
          </div>`:e`<div class="actions">
      <button
        class="button primary"
        ?disabled=${C==="offline"||C===null}
        @click=${this.start}
        aria-label=${this.about(this.text("start"))}
      >
        ${p("flash")}${this.text("start")}
      </button>
    </div>`}async focusFirst(){await this.updateComplete,this.shadowRoot?.querySelector(".actions button")?.focus()}async act(C){this.pending=!0,this.asked=!1,this.error="";try{await this.hass.callService("ykc",C,{},{device_id:this.place.gun.device_id},!1)}catch(L){this.error=_(this.hass,L)}finally{this.pending=!1}}};t([o({attribute:!1})],i.prototype,"place",2),t([o({attribute:!1})],i.prototype,"sums",2),t([o()],i.prototype,"heading",2),t([o()],i.prototype,"currency",2),t([o({type:Boolean})],i.prototype,"chart",2),t([o({type:Boolean})],i.prototype,"detailed",2),t([x()],i.prototype,"pending",2),t([x()],i.prototype,"asked",2),t([x()],i.prototype,"error",2),t([x()],i.prototype,"announced",2);u("ykc-gun",i);function W(H){let V=[];return H.forEach((C,L)=>{let M=V.at(-1);M?.period===C?M.to=L+1:V.push({period:C,from:L,to:L+1})}),V}function d(H,V){let{energy:C,service:L}=H.prices[V];return Math.round((C+L)*1e5)/1e5}function O1(H,V){let C=Math.min(47,Math.floor(V/30)),L=H.periods[C]??"flat";for(let M=1;M<48;M++){let r=H.periods[(C+M)%48]??L;if(r!==L){let A=(C+M)%48;return{period:L,price:d(H,L),next:{at:A,period:r,price:d(H,r)}}}}return{period:L,price:d(H,L),next:null}}var h1=["sharp","peak","flat","valley"];var g1=28,W1=100,N1=[0,3,6,9,12,15,18,21,24],m=class extends S{constructor(){super(...arguments);this.zone="UTC";this.currency="CNY";this.heading="";this.minute=0}static{this.styles=[s,Z`
      :host {
        display: block;
        container-type: inline-size;
      }
      section {
        padding: 16px;
      }
      h2 {
        margin: 0;
        font-size: 1.125rem;
        font-weight: 500;
      }
      .now {
        margin: 4px 0 14px;
        font-size: 0.9375rem;
      }
      .now strong {
        font-weight: 500;
      }
      .day {
        position: relative;
        display: flex;
        align-items: flex-end;
        height: 84px;
      }
      .span {
        border-radius: 5px 5px 0 0;
        border-inline-end: 2px solid var(--ykc-surface);
        min-width: 0;
      }
      .span:last-of-type {
        border-inline-end: 0;
      }
      .sharp {
        background: var(--ykc-sharp);
      }
      .peak {
        background: var(--ykc-peak);
      }
      .flat {
        background: var(--ykc-flat);
      }
      .valley {
        background: var(--ykc-valley);
      }
      .marker {
        position: absolute;
        top: -6px;
        bottom: -4px;
        width: 2px;
        margin-inline-start: -1px;
        border-radius: 1px;
        background: var(--primary-text-color, #141414);
        box-shadow: 0 0 0 1.5px var(--ykc-surface);
      }
      .marker::before {
        content: "";
        position: absolute;
        top: -3px;
        inset-inline-start: -3px;
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: inherit;
      }
      .hours {
        position: relative;
        height: 20px;
        margin-top: 4px;
        border-top: 1px solid var(--ykc-line);
        font-size: 0.75rem;
      }
      .hours span {
        position: absolute;
        top: 3px;
        transform: translateX(-50%);
      }
      .hours span:first-child {
        transform: none;
      }
      .hours span:last-child {
        transform: translateX(-100%);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 20px;
        margin: 12px 0 0;
        padding: 0;
        list-style: none;
        font-size: 0.875rem;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      li i {
        width: 12px;
        height: 12px;
        border-radius: 4px;
      }
      li .name {
        display: inline-block;
        font-weight: 500;
      }
      li .name::first-letter {
        text-transform: uppercase;
      }

      @container (max-width: 420px) {
        .hours span:nth-child(even) {
          display: none;
        }
      }
    `]}connectedCallback(){super.connectedCallback();let C=()=>{this.minute=f(this.zone,new Date)};C(),this.timer=window.setInterval(C,2e4)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.timer)}willUpdate(){this.minute=f(this.zone,new Date)}price(C){return v(this.hass.locale,C,this.currency,2)}times(C){return W(this.tariff.periods).filter(M=>M.period===C).map(({from:M,to:r})=>`${n(M)}–${n(r)}`).join(", ")||this.text("never")}said(C){let L={period:this.text(C),price:this.price(d(this.tariff,C))},M=this.text("price_of",{...L,times:this.times(C)});return M.charAt(0).toUpperCase()+M.slice(1)}render(){let C=h1.filter(O=>this.tariff.periods.includes(O)),L=Math.max(...C.map(O=>d(this.tariff,O)),1e-5),M=O1(this.tariff,this.minute),r=this.text("price_now",{period:this.text(M.period),price:this.price(M.price)}),A=M.next?this.text("price_next",{time:n(M.next.at),period:this.text(M.next.period),price:this.price(M.next.price)}):this.text("price_always");return e`
      <section class="card" aria-label=${this.heading||this.text("tariff")}>
        <h2>${this.heading||this.text("tariff")}</h2>
        <p class="now number"><strong>${r}</strong> <span class="muted">· ${A}</span></p>
        ${C.length>1?this.renderDay(C,L):a}
      </section>
    `}renderDay(C,L){return e`
      <div class="day" role="img" aria-label=${C.map(M=>this.said(M)).join("; ")}>
        ${W(this.tariff.periods).map(({period:M,from:r,to:A})=>e`<div
              class="span ${M}"
              title="${n(r)}–${n(A)} ${this.text(M)} ${this.price(d(this.tariff,M))}"
              style="flex: ${A-r}; height: ${g1+(W1-g1)*d(this.tariff,M)/L}%"
            ></div>`)}
        <div class="marker" title=${this.text("now")} style="inset-inline-start: ${this.minute/1440*100}%"></div>
      </div>
      <div class="hours muted number" aria-hidden="true">
        ${N1.map(M=>e`<span style="inset-inline-start: ${M/24*100}%">${M}</span>`)}
      </div>
      <ul class="number">
        ${C.map(M=>e`<li>
              <i class=${M}></i
              ><span class="name">${this.text(M)}</span>${this.price(d(this.tariff,M))}
              <span class="muted">${this.times(M)}</span>
            </li>`)}
      </ul>
    `}};t([o({attribute:!1})],m.prototype,"tariff",2),t([o()],m.prototype,"zone",2),t([o()],m.prototype,"currency",2),t([o()],m.prototype,"heading",2),t([x()],m.prototype,"minute",2);u("ykc-tariff-day",m);export{Q as a,G1 as b,Q1 as c,k as d,l as e,U1 as f,U as g,$ as h,_ as i,j,p as k,S1 as l};
