import{a as A,b as s,c as e,d as r1,e as i,f as a,g as x,h as o,j as c,k as O,l as N,m as h,n as I,o as Z,p as P,q as e1,r as t1,s as y,t as g,u as f}from"./ykc-6FEAAQEQ.js";function G(V){let M=[];return V.forEach((C,H)=>{let L=M.at(-1);L?.period===C?L.to=H+1:M.push({period:C,from:H,to:H+1})}),M}function n(V,M){let{energy:C,service:H}=V.prices[M];return Math.round((C+H)*1e5)/1e5}function F(V,M){let C=Math.min(47,Math.floor(M/30)),H=V.periods[C]??"flat";for(let L=1;L<48;L++){let r=V.periods[(C+L)%48]??H;if(r!==H){let t=(C+L)%48;return{period:H,price:n(V,H),next:{at:t,period:r,price:n(V,r)}}}}return{period:H,price:n(V,H),next:null}}function i1(V,M){let C=new Map(M.map(L=>[L.code,L])),H=V.listeners.map(L=>L.piles.some(r=>C.has(r.code))?{...L,piles:L.piles.map(r=>Y1(r,C.get(r.code)))}:L);return{...V,listeners:H}}function Y1(V,M){if(!M)return V;let C=new Map(M.guns.map(H=>[H.number,H]));return{...V,...M,guns:V.guns.map(H=>({...H,...C.get(H.number)}))}}function A1(V){return V.listeners.flatMap(M=>M.piles.flatMap(C=>C.guns.map(H=>({listener:M,pile:C,gun:H}))))}function S2(V,M){return A1(V).filter(({pile:C,gun:H})=>H.device_id===M||C.device_id===M)}function u2(V,{pile:M,gun:C}){return M.guns.length===1&&!C.name?M.name:`${M.name} · ${C.name??o(V,"gun",{number:C.number})}`}var C2=new Set(["starting","waiting_for_plug","charging","stopping"]);function u(V){return C2.has(V)}function k(V){return V.status==="charging"||V.status==="stopping"}function Q(V,M,C){let H=V.find(L=>L.pile===M.code&&L.gun===C.number);return{energy:(H?.energy??0)+C.unbilled_energy,amount:(H?.amount??0)+C.unbilled_cost}}function s2(V,M=new Date){return V.reduce((C,{listener:H,pile:L,gun:r})=>{let{price:t}=F(L.tariff,y(H.time_zone,M));return C+(k(r)?(r.power??0)/1e3*t:0)},0)}function c2(V,M){return M.map(({pile:C,gun:H})=>Q(V,C,H)).reduce((C,H)=>({energy:C.energy+H.energy,amount:C.amount+H.amount}),{energy:0,amount:0})}function o1(V){return A1(V).map(({pile:M,gun:C})=>`${M.code}_${C.number}_${u(C.status)}_${C.last_session?.ended}`).join()}var U;async function $(V){if(U?.language!==V.language){let M=async()=>(await V.loadBackendTranslation("exceptions","ykc"),V.loadBackendTranslation("entity","ykc"));U={language:V.language,localize:M()}}await U.localize}function w(V,M,C){return V.localize(`component.ykc.entity.${M}.state.${C}`)||C.replaceAll("_"," ")}function a1(V,M){return w(V,"sensor.status",M)}function H2(V,M){return w(V,"sensor.last_session_stop_reason",M)}function d1(V,M){return w(V,"binary_sensor.problem.state_attributes.faults",M)}var V2={energy:"reached_energy",amount:"reached_amount",time:"reached_time",soc:"reached_soc"};function p1(V,M,C){return C?o(V.language,V2[C]):H2(V,M)}function R(V,M){return w(V,"select.start_period",M)}function z(V,M){return w(V,"sensor.automatic_start.state_attributes.reason",M)}function D(V,M){let{code:C,translation_domain:H,translation_key:L,translation_placeholders:r,message:t}=M??{},d=`component.${H}.exceptions.${L}.message`;return C==="unauthorized"?o(V.language,"not_allowed"):L&&V.localize(d,r)||t||String(M)}var L2=10*6e4,M2=2e3,r2=1e4,_=class{constructor(M){this.hass=M;this.known={};this.listeners=new Set;this.over="";this.again=()=>{clearTimeout(this.retryTimer),this.unsubscribe=this.subscribe()}}listen(M){return this.listeners.add(M),this.listeners.size===1&&this.open(),()=>{this.listeners.delete(M),this.listeners.size===0&&this.close()}}tell(M){this.known=M;for(let C of this.listeners)C()}open(){this.hass.connection.addEventListener("ready",this.again),this.again()}async subscribe(){let{connection:M}=this.hass;try{return await $(this.hass),await M.subscribeMessage(C=>this.take(C),{type:"ykc/subscribe"},{resubscribe:!1})}catch(C){if(!this.listeners.size)return;this.tell({...this.known,error:C}),this.retryTimer=window.setTimeout(this.again,r2);return}}close(){this.hass.connection.removeEventListener("ready",this.again),clearTimeout(this.sumsTimer),clearTimeout(this.retryTimer),this.unsubscribe?.then(M=>M?.()),this.unsubscribe=void 0,this.known={},this.over=""}take(M){let{overview:C,sums:H}=this.known,L="overview"in M?M.overview:C&&i1(C,M.piles);if(!L)return;this.tell({overview:L,...H?{sums:H}:{}});let r=o1(L);r!==this.over&&(this.askForSums(this.over===""?0:M2),this.over=r)}askForSums(M){clearTimeout(this.sumsTimer),this.sumsTimer=window.setTimeout(async()=>{try{let C=await this.hass.callWS({type:"ykc/sums"});this.unsubscribe&&this.tell({...this.known,sums:C})}catch{}this.unsubscribe&&this.askForSums(L2)},M)}},m1=new WeakMap;function e2(V){let M=m1.get(V.connection);return M||(M=new _(V),m1.set(V.connection,M)),M}var x1=class{constructor(M){this.host=M;this.language="";M.addController(this)}get known(){return this.feed?.known??{}}hostUpdate(){if(!this.host.hass||!this.host.isConnected)return;let M=e2(this.host.hass);this.host.hass.language!==this.language&&(this.language=this.host.hass.language,$(this.host.hass).then(()=>this.host.requestUpdate(),()=>{})),(M!==this.feed||!this.end)&&(this.end?.(),this.feed=M,this.end=M.listen(()=>this.host.requestUpdate()))}hostConnected(){this.host.requestUpdate()}hostDisconnected(){this.end?.(),this.end=void 0}};var v1="M16 17V19H2V17S2 13 9 13 16 17 16 17M12.5 7.5A3.5 3.5 0 1 0 9 11A3.5 3.5 0 0 0 12.5 7.5M15.94 13A5.32 5.32 0 0 1 18 17V19H22V17S22 13.37 15.94 13M15 4A3.39 3.39 0 0 0 13.07 4.59A5 5 0 0 1 13.07 10.41A3.39 3.39 0 0 0 15 11A3.5 3.5 0 0 0 15 4Z";var K="M13,13H11V7H13M13,17H11V15H13M12,2A10,10 0 0,0 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2Z";var n1="M16,10H8V6H16M16.67,4H15V2H9V4H7.33A1.33,1.33 0 0,0 6,5.33V20.67C6,21.4 6.6,22 7.33,22H16.67A1.33,1.33 0 0,0 18,20.67V5.33C18,4.6 17.4,4 16.67,4Z";var l1="M5,6H23V18H5V6M14,9A3,3 0 0,1 17,12A3,3 0 0,1 14,15A3,3 0 0,1 11,12A3,3 0 0,1 14,9M9,8A2,2 0 0,1 7,10V14A2,2 0 0,1 9,16H19A2,2 0 0,1 21,14V10A2,2 0 0,1 19,8H9M1,10H3V20H19V22H1V10Z";var Z1="M3,14L3.5,14.07L8.07,9.5C7.89,8.85 8.06,8.11 8.59,7.59C9.37,6.8 10.63,6.8 11.41,7.59C11.94,8.11 12.11,8.85 11.93,9.5L14.5,12.07L15,12C15.18,12 15.35,12 15.5,12.07L19.07,8.5C19,8.35 19,8.18 19,8A2,2 0 0,1 21,6A2,2 0 0,1 23,8A2,2 0 0,1 21,10C20.82,10 20.65,10 20.5,9.93L16.93,13.5C17,13.65 17,13.82 17,14A2,2 0 0,1 15,16A2,2 0 0,1 13,14L13.07,13.5L10.5,10.93C10.18,11 9.82,11 9.5,10.93L4.93,15.5L5,16A2,2 0 0,1 3,18A2,2 0 0,1 1,16A2,2 0 0,1 3,14Z";var q="M12 2C6.5 2 2 6.5 2 12S6.5 22 12 22 22 17.5 22 12 17.5 2 12 2M10 17L5 12L6.41 10.59L10 14.17L17.59 6.58L19 8L10 17Z";var S1="M12,20A8,8 0 0,0 20,12A8,8 0 0,0 12,4A8,8 0 0,0 4,12A8,8 0 0,0 12,20M12,2A10,10 0 0,1 22,12A10,10 0 0,1 12,22C6.47,22 2,17.5 2,12A10,10 0 0,1 12,2M12.5,7V12.25L17,14.92L16.25,16.15L11,13V7H12.5Z";var u1="M19,6.41L17.59,5L12,10.59L6.41,5L5,6.41L10.59,12L5,17.59L6.41,19L12,13.41L17.59,19L19,17.59L13.41,12L19,6.41Z";var s1="M19.8 22.6L17.15 20H6.5Q4.2 20 2.6 18.4T1 14.5Q1 12.58 2.19 11.08 3.38 9.57 5.25 9.15 5.33 8.95 5.4 8.76 5.5 8.57 5.55 8.35L1.4 4.2L2.8 2.8L21.2 21.2M6.5 18H15.15L7.1 9.95Q7.05 10.23 7.03 10.5 7 10.73 7 11H6.5Q5.05 11 4.03 12.03 3 13.05 3 14.5 3 15.95 4.03 17 5.05 18 6.5 18M11.13 14M21.6 18.75L20.15 17.35Q20.58 17 20.79 16.54 21 16.08 21 15.5 21 14.45 20.27 13.73 19.55 13 18.5 13H17V11Q17 8.93 15.54 7.46 14.08 6 12 6 11.33 6 10.7 6.16 10.07 6.33 9.5 6.68L8.05 5.23Q8.93 4.63 9.91 4.31 10.9 4 12 4 14.93 4 16.96 6.04 19 8.07 19 11 20.73 11.2 21.86 12.5 23 13.78 23 15.5 23 16.5 22.63 17.31 22.25 18.15 21.6 18.75M14.83 12.03Z";var c1="M5,20H19V18H5M19,9H15V3H9V9H5L12,16L19,9Z";var O1="M17.3 5C19 6.5 20 8.6 20 11C20 15.4 16.4 19 12 19S4 15.4 4 11C4 8.6 5.1 6.5 6.7 5H17.3M18 3H6L5.4 3.5C3.2 5.4 2 8.1 2 11C2 16.5 6.5 21 12 21S22 16.5 22 11C22 8.1 20.8 5.4 18.6 3.5L18 3M13 7.5C13 8.3 13.7 9 14.5 9S16 8.3 16 7.5 15.3 6 14.5 6 13 6.7 13 7.5M8 7.5C8 8.3 8.7 9 9.5 9S11 8.3 11 7.5 10.3 6 9.5 6 8 6.7 8 7.5M7 13C8.1 13 9 12.1 9 11C9 9.9 8.1 9 7 9S5 9.9 5 11C5 12.1 5.9 13 7 13M11.5 15C11.5 13.9 10.6 13 9.5 13S7.5 13.9 7.5 15C7.5 16.1 8.4 17 9.5 17S11.5 16.1 11.5 15M12 13C13.1 13 14 12.1 14 11C14 9.9 13.1 9 12 9S10 9.9 10 11C10 12.1 10.9 13 12 13M16.5 15C16.5 13.9 15.6 13 14.5 13S12.5 13.9 12.5 15C12.5 16.1 13.4 17 14.5 17S16.5 16.1 16.5 15M19 11C19 9.9 18.1 9 17 9S15 9.9 15 11C15 12.1 15.9 13 17 13S19 12.1 19 11",h1="M19.77,7.23L19.78,7.22L16.06,3.5L15,4.56L17.11,6.67C16.17,7.03 15.5,7.93 15.5,9A2.5,2.5 0 0,0 18,11.5C18.36,11.5 18.69,11.42 19,11.29V18.5A1,1 0 0,1 18,19.5A1,1 0 0,1 17,18.5V14A2,2 0 0,0 15,12H14V5A2,2 0 0,0 12,3H6A2,2 0 0,0 4,5V21H14V13.5H15.5V18.5A2.5,2.5 0 0,0 18,21A2.5,2.5 0 0,0 20.5,18.5V9C20.5,8.31 20.22,7.68 19.77,7.23M18,10A1,1 0 0,1 17,9A1,1 0 0,1 18,8A1,1 0 0,1 19,9A1,1 0 0,1 18,10M8,18V13.5H6L10,6V11H12L8,18Z";var g1="M14.4,6H20V16H13L12.6,14H7V21H5V4H14L14.4,6M14,14H16V12H18V10H16V8H14V10L13,8V6H11V8H9V6H7V8H9V10H7V12H9V10H11V12H13V10L14,12V14M11,10V8H13V10H11M14,10H16V12H14V10Z";var f1="M7,2V13H10V22L17,10H13L17,2H7Z";var k1="M13.5,8H12V13L16.28,15.54L17,14.33L13.5,12.25V8M13,3A9,9 0 0,0 4,12H1L4.96,16.03L9,12H6A7,7 0 0,1 13,5A7,7 0 0,1 20,12A7,7 0 0,1 13,19C11.07,19 9.32,18.21 8.06,16.94L6.64,18.36C8.27,20 10.5,21 13,21A9,9 0 0,0 22,12A9,9 0 0,0 13,3";var B1="M11,9H13V7H11M12,20C7.59,20 4,16.41 4,12C4,7.59 7.59,4 12,4C16.41,4 20,7.59 20,12C20,16.41 16.41,20 12,20M12,2A10,10 0 0,0 2,12A10,10 0 0,0 12,22A10,10 0 0,0 22,12A10,10 0 0,0 12,2M11,17H13V11H11V17Z";var b1="M11 15H6L13 1V9H18L11 23V15Z";var P1="M3,6H21V8H3V6M3,11H21V13H3V11M3,16H21V18H3V16Z";var y1="M8,5.14V19.14L19,12.14L8,5.14Z";var w1="M16,7V3H14V7H10V3H8V7H8C7,7 6,8 6,9V14.5L9.5,18V21H14.5V18L18,14.5V9C18,8 17,7 16,7Z";var T1="M20.84 22.73L15.31 17.2L14.5 18V21H9.5V18L6 14.5V9C6 8.7 6.1 8.41 6.25 8.14L1.11 3L2.39 1.73L22.11 21.46L20.84 22.73M18 14.5V9C18 8 17 7 16 7V3H14V7H10.2L17.85 14.65L18 14.5M10 3H8V4.8L10 6.8V3Z",F1="M22.11 21.46L2.39 1.73L1.11 3L6.25 8.14C6.1 8.41 6 8.7 6 9V14.5L9.5 18V21H14.5V18L15.31 17.2L20.84 22.73L22.11 21.46M13.09 16.59L12.67 17H11.33L10.92 16.59L8 13.67V9.89L13.89 15.78L13.09 16.59M12.2 9L10.2 7H14V3H16V7C17 7 18 8 18 9V14.5L17.85 14.65L16 12.8V9.09C16 9.06 15.95 9 15.92 9H12.2M10 6.8L8 4.8V3H10V6.8Z";var R1="M18,18H6V6H18V18Z";var D1="M15 3H9V1H15V3M11 14H13V8H11V14M19 13C19.7 13 20.36 13.13 21 13.35C21 13.23 21 13.12 21 13C21 10.88 20.26 8.93 19.03 7.39L20.45 5.97C20 5.46 19.55 5 19.04 4.56L17.62 6C16.07 4.74 14.12 4 12 4C7.03 4 3 8.03 3 13S7.03 22 12 22C12.59 22 13.16 21.94 13.71 21.83C13.4 21.25 13.18 20.6 13.08 19.91C12.72 19.96 12.37 20 12 20C8.13 20 5 16.87 5 13S8.13 6 12 6 19 9.13 19 13M17 16V22L22 19L17 16Z";var j="M6,2H18V8H18V8L14,12L18,16V16H18V22H6V16H6V16L10,12L6,8V8H6V2M16,16.5L12,12.5L8,16.5V20H16V16.5M12,11.5L16,7.5V4H8V7.5L12,11.5M10,6H14V6.75L12,8.75L10,6.75V6Z";var E1="M3,17V19H9V17H3M3,5V7H13V5H3M13,21V19H21V17H13V15H11V21H13M7,9V11H3V13H7V15H9V9H7M21,13V11H11V13H21M15,9H17V7H21V5H17V3H15V9Z";var W1="M13,3V9H21V3M13,21H21V11H13M3,21H11V15H3M3,13H11V3H3V13Z";var t2={adjust:E1,alert:K,automatic:D1,battery:n1,cash:l1,check:q,chart:Z1,clock:S1,close:u1,device:B1,download:c1,drivers:v1,flash:f1,history:k1,limit:g1,menu:P1,overview:W1,play:y1,station:h1,stop:R1},i2={offline:s1,fault:K,idle:F1,plugged:w1,starting:j,waiting_for_plug:T1,charging:b1,stopping:j,finished:q},A2={plugged:O1};function X(V){return e`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${V}></path></svg>`}function p(V){return X(t2[V])}function J(V){return X(i2[V??"offline"])}function N1(){return X(A2.plugged)}function o2(V){history.pushState(null,"",V),window.dispatchEvent(new CustomEvent("location-changed",{detail:{replace:!1}}))}function I1(V){let M=V.currentTarget;M instanceof HTMLAnchorElement&&(V.defaultPrevented||V.button||V.metaKey||V.ctrlKey||V.shiftKey||(V.preventDefault(),o2(M.pathname)))}var l=["energy","amount","minutes","soc"],Y=["sharp","peak","flat","valley"],G1=["at_once",...Y];var E={energy:"energy",amount:"cost",minutes:"time",soc:"state_of_charge"},Q1={energy:{most:1e3,step:.01},amount:{most:1e4,step:.01},minutes:{most:2880,step:1},soc:{most:100,step:1}};function B(V,M,C,H,L=!1){switch(C){case"energy":return`${L&&Number.isInteger(H)?N(V,H,0):h(V,H)} kWh`;case"amount":return Z(V,H,M);case"minutes":return P(H);case"soc":return`${N(V,H,0)} %`}}function W(V,M,C){return l.flatMap(H=>{let L=C[H];return L===null?[]:[B(V,M,H,L,!0)]}).join(" · ")}function U1(V){let M={energy:V.energy,amount:V.cost,minutes:V.minutes,soc:V.soc};return l.flatMap(C=>{let H=V.charge_limits[C];if(H===null)return[];let r=V.parallel&&V.charge_limits[C]!==V.limits[C]?null:M[C];return[{key:C,limit:H,done:r,share:Math.min(1,(r??0)/H)}]})}function $1(V){let M=C=>V.charge_limits[C]===V.limits[C]?null:V.charge_limits[C];return{energy:M("energy"),amount:M("amount"),minutes:M("minutes"),soc:M("soc")}}function C1(V,M){return Object.fromEntries(l.flatMap(C=>{let H=V[C];if(H===void 0)return[];let L=H.trim()===""?M:Number(H);return L===void 0?[]:[[`limit_${C}`,L]]}))}function z1(V,M,C){let{locale:H,language:L}=V,r=U1(C);return r.length?e`<ul class="limits number" aria-label=${o(L,"limits")}>
    ${r.map(({key:t,limit:d,done:T,share:b})=>{let V1=B(H,M,t,d,!0),L1=T===null?V1:o(L,"limit_progress",{done:B(H,M,t,T),limit:V1}),M1=o(L,E[t]);return e`<li>
        <span class="muted">${o(L,"limit_of",{what:M1})}</span><span>${L1}</span>
        <div
          class="bar ${b>=.999?"full":""}"
          role="progressbar"
          aria-label=${o(L,"limit_of",{what:M1})}
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow=${Math.round(b*100)}
          aria-valuetext=${L1}
        >
          <i style="inline-size: ${(b*100).toFixed(1)}%"></i>
        </div>
      </li>`})}
  </ul>`:i}function _1(V,M,C){let H=a2(V,C),L=l.some(r=>C.limits[r]!==null);return!H&&!L?i:e`<ul class="prospects">
    ${H?e`<li>${p("automatic")}<span>${H}</span></li>`:i}
    ${L?e`<li class="number">
            ${p("limit")}<span
              >${o(V.language,"stops_at",{limits:W(V.locale,M,C.limits)})}</span
            >
          </li>`:i}
  </ul>`}function a2(V,M){let{enabled:C,period:H,progress:L,reason:r,until:t}=M.plug_start,{language:d,locale:T,config:b}=V;if(!C)return"";switch(L){case"waiting":return t?o(d,"auto_at",{time:e1(T,b.time_zone,new Date(t))}):r?o(d,"auto_waiting",{reason:z(V,r)}):"";case"not_started":return r?o(d,"auto_not_started",{reason:z(V,r)}):"";case"no_vehicle":case"off":case null:return H==="at_once"?o(d,"auto_at_once"):o(d,"auto_in_period",{period:R(V,H)});default:return""}}var H1=44,K1=2*Math.PI*H1;function q1(V,M,C,H=null){let L=V===null?.25:Math.min(1,Math.max(0,V));return e`
    <div
      class="ring ${V===null?"turning":""}"
      role=${V===null?"img":"progressbar"}
      aria-label=${C}
      aria-valuemin=${0}
      aria-valuemax=${100}
      aria-valuenow=${V===null?0:Math.round(L*100)}
    >
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle class="track" cx="50" cy="50" r=${H1}></circle>
        <circle
          class="fill"
          cx="50"
          cy="50"
          r=${H1}
          stroke-dasharray="${L*K1} ${K1}"
          transform="rotate(-90 50 50)"
        ></circle>
        ${H===null||H>=1?i:r1`<line class="mark" x1="50" x2="50" y1="1" y2="11" transform="rotate(${H*360} 50 50)"></line>`}
      </svg>
      <div class="inside">${M}</div>
    </div>
  `}var j1=s`
  dialog {
    width: min(460px, calc(100vw - 32px));
    max-height: calc(100dvh - 48px);
    padding: 0;
    border: 0;
    border-radius: var(--ha-dialog-border-radius, 24px);
    background: var(--ha-dialog-surface-background, var(--mdc-theme-surface, var(--ykc-surface)));
    color: inherit;
    font-family: inherit;
    box-shadow: 0 12px 40px rgb(0 0 0 / 30%);
    overflow: auto;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  form {
    display: flex;
    flex-direction: column;
    gap: 18px;
    padding: 20px 24px 24px;
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
  }
  h2 {
    margin: 0;
    font-size: 1.375rem;
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  /* It has the focus at first, so that a screen reader begins with it. */
  h2:focus-visible {
    outline: none;
  }
  .round {
    margin-inline-end: -10px;
  }
  p {
    margin: 0;
    font-size: 0.9375rem;
    line-height: 1.5;
  }
  .scope {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 4px;
    margin: 0;
    padding: 4px;
    border: 0;
    border-radius: 24px;
    background: var(--ykc-soft);
  }
  .scope label {
    position: relative;
  }
  .scope input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .scope span {
    display: grid;
    place-items: center;
    min-height: 40px;
    border-radius: 20px;
    font-weight: 500;
  }
  .scope input:checked + span {
    background: color-mix(in srgb, var(--primary-color, #009ac7) 22%, var(--ykc-surface));
  }
  .scope input:focus-visible + span {
    outline: 2px solid var(--primary-color, #009ac7);
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 14px 16px;
  }
  .field {
    display: flex;
    flex-direction: column;
    gap: 4px;
    font-size: 0.8125rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .box {
    display: flex;
    align-items: center;
    min-height: 48px;
    border: 1px solid var(--ykc-edge);
    border-radius: 12px;
    color: var(--primary-text-color, #141414);
  }
  .box:focus-within {
    border-color: var(--primary-color, #009ac7);
    box-shadow: inset 0 0 0 1px var(--primary-color, #009ac7);
  }
  .box:has(:user-invalid) {
    border-color: var(--error-color, #db4437);
  }
  .box input {
    flex: 1;
    width: 100%;
    min-width: 0;
    height: 46px;
    padding: 0 4px 0 14px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    font-size: 1rem;
    appearance: textfield;
    outline: none;
  }
  .box input::-webkit-inner-spin-button {
    display: none;
  }
  .box input::placeholder {
    color: var(--secondary-text-color, #5e5e5e);
    opacity: 1;
  }
  .unit {
    padding-inline-end: 14px;
    font-size: 0.875rem;
  }
  section {
    display: flex;
    flex-direction: column;
    gap: 14px;
    padding-top: 18px;
    border-top: 1px solid var(--ykc-line);
  }
  .switch {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    min-height: 44px;
    cursor: pointer;
  }
  .switch strong {
    display: block;
    font-weight: 500;
  }
  .switch small {
    font-size: 0.8125rem;
  }
  .switch input {
    appearance: none;
    flex: none;
    position: relative;
    width: 48px;
    height: 28px;
    margin: 0;
    border: 2px solid var(--ykc-edge);
    border-radius: 14px;
    background: var(--ykc-soft);
    cursor: pointer;
    transition: background 150ms;
  }
  .switch input::before {
    content: "";
    position: absolute;
    top: 4px;
    inset-inline-start: 4px;
    width: 16px;
    height: 16px;
    border-radius: 50%;
    background: var(--secondary-text-color, #5e5e5e);
    transition: translate 150ms;
  }
  .switch input:checked {
    border-color: var(--ykc-go);
    background: var(--ykc-go);
  }
  .switch input:checked::before {
    background: #fff;
    translate: 20px;
  }
  .error {
    padding: 10px 14px;
    border-radius: 12px;
    background: color-mix(in srgb, var(--error-color, #db4437) 12%, transparent);
  }
  footer {
    display: flex;
    justify-content: flex-end;
    gap: 8px;
  }
  @media (max-width: 500px) {
    dialog {
      width: 100vw;
      max-width: none;
      margin: auto 0 0;
      border-end-start-radius: 0;
      border-end-end-radius: 0;
    }
    form {
      padding: 16px 16px calc(20px + env(safe-area-inset-bottom, 0px));
    }
    footer .button {
      flex: 1;
    }
  }
`;var v=class extends c{constructor(){super(...arguments);this.heading="";this.currency="CNY";this.scope="every_charge";this.automatic=!1;this.saving=!1;this.error="";this.submit=async C=>{if(C.preventDefault(),!(!C.currentTarget.reportValidity()||this.saving)){if(this.canStart&&this.scope==="this_charge"){this.dispatchEvent(new CustomEvent("start",{detail:C1(this.typed("once_"))})),this.close();return}await this.save()}};this.close=()=>this.dialog?.close();this.tellClosed=()=>{this.dispatchEvent(new CustomEvent("closed"))};this.clicked=C=>{C.target===C.currentTarget&&this.close()}}static{this.styles=[f,j1]}connectedCallback(){super.connectedCallback(),this.scope=this.canStart?"this_charge":"every_charge",this.automatic=this.place.gun.plug_start.enabled}firstUpdated(){this.dialog?.showModal()}get dialog(){return this.shadowRoot?.querySelector("dialog")}get canStart(){let{status:C}=this.place.gun;return!u(C)&&C!=="offline"&&C!==null}render(){let C=this.canStart?this.scope:"every_charge";return e`<dialog aria-labelledby="title" @close=${this.tellClosed} @click=${this.clicked}>
      <form @submit=${this.submit} novalidate>
        <header>
          <h2 id="title" tabindex="-1" autofocus>${this.heading}</h2>
          <button class="round" type="button" aria-label=${this.text("close")} @click=${this.close}>
            ${p("close")}
          </button>
        </header>
        ${this.canStart?this.renderScope():i}
        ${C==="this_charge"?this.renderThis():this.renderEvery()}
        <div role="alert">${this.error?e`<p class="error">${this.error}</p>`:i}</div>
        <footer>
          <button class="button plain" type="button" @click=${this.close}>${this.text("cancel_start")}</button>
          <button class="button primary" ?disabled=${this.saving}>
            ${C==="this_charge"?e`${p("flash")}${this.text("start")}`:this.text("save")}
          </button>
        </footer>
      </form>
    </dialog>`}renderScope(){return e`<fieldset class="scope">
      <legend class="visually-hidden">${this.text("limits_for")}</legend>
      ${["this_charge","every_charge"].map(C=>e`<label>
            <input
              type="radio"
              name="scope"
              value=${C}
              .checked=${this.scope===C}
              @change=${()=>{this.scope=C,this.error=""}}
            />
            <span>${this.text(C)}</span>
          </label>`)}
    </fieldset>`}renderThis(){return e`<p class="muted">${this.text("this_charge_text")}</p>
      ${this.renderFields(!1)}`}renderEvery(){let{gun:C}=this.place,H=u(C.status)?W(this.hass.locale,this.currency,$1(C)):"";return e`<p class="muted">
        ${this.text("every_charge_text")} ${u(C.status)?this.text("running_text"):i}
        ${H?this.text("own_limits_text",{limits:H}):i}
      </p>
      ${this.renderFields(!0)}
      <section>
        <label class="switch">
          <span>
            <strong>${this.text("auto_start")}</strong>
            <small class="muted">${this.text("auto_start_text")}</small>
          </span>
          <input
            type="checkbox"
            role="switch"
            name="start_when_plugged"
            .checked=${this.automatic}
            @change=${L=>this.automatic=L.currentTarget.checked}
          />
        </label>
        ${this.automatic?e`<label class="field">
                <span>${this.text("auto_when")}</span>
                <select name="start_period">
                  ${G1.map(L=>e`<option value=${L} ?selected=${L===C.plug_start.period}>
                        ${R(this.hass,L)}
                      </option>`)}
                </select>
              </label>`:i}
      </section>`}renderFields(C){let H=l.filter(L=>L!=="soc"||this.place.pile.type==="dc");return e`<div class="fields">${H.map(L=>this.renderField(L,C))}</div>`}renderField(C,H){let{most:L,step:r}=Q1[C],t=this.place.gun.limits[C],d=t===null?this.text("no_limit"):B(this.hass.locale,this.currency,C,t,!0);return e`<label class="field">
      <span>${this.text(E[C])}</span>
      <span class="box">
        <input
          class="number"
          type="number"
          name=${H?C:`once_${C}`}
          inputmode=${r<1?"decimal":"numeric"}
          min="0"
          max=${L}
          step=${r}
          placeholder=${H?this.text("no_limit"):d}
          value=${H&&t!==null?t:i}
        />
        <span class="unit muted" aria-hidden="true">${this.unit(C)}</span>
      </span>
    </label>`}unit(C){switch(C){case"energy":return"kWh";case"amount":return this.currency;case"minutes":return this.text("minutes_unit");case"soc":return"%"}}typed(C){let H=l.flatMap(L=>{let r=this.shadowRoot?.querySelector(`input[name=${C}${L}]`);return r?[[L,r.value]]:[]});return Object.fromEntries(H)}async save(){let{pile:C,gun:H}=this.place,L=this.shadowRoot?.querySelector("select[name=start_period]")?.value;this.saving=!0,this.error="";try{await this.hass.callWS({type:"ykc/set_gun",pile:C.code,gun:H.number,...C1(this.typed(""),0),...this.automatic===H.plug_start.enabled?{}:{start_when_plugged:this.automatic},...L===void 0||L===H.plug_start.period?{}:{start_period:L}}),this.close()}catch(r){this.error=D(this.hass,r)}finally{this.saving=!1}}};A([a({attribute:!1})],v.prototype,"place",2),A([a()],v.prototype,"heading",2),A([a()],v.prototype,"currency",2),A([x()],v.prototype,"scope",2),A([x()],v.prototype,"automatic",2),A([x()],v.prototype,"saving",2),A([x()],v.prototype,"error",2);O("ykc-charge-dialog",v);var X1=s`
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
    width: 40px;
    height: 40px;
    margin: -12px -8px;
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
  .body.calm {
    min-height: 80px;
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
  .limits {
    display: grid;
    gap: 10px;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: 0.8125rem;
  }
  .limits li {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 12px;
  }
  .bar {
    flex: 1 0 100%;
    height: 6px;
    margin-top: 5px;
    border-radius: 3px;
    background: var(--ykc-soft);
    overflow: hidden;
  }
  .bar i {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--ykc-status);
    transition: inline-size 600ms ease-out;
  }
  .prospects {
    display: grid;
    gap: 6px;
    margin: 0;
    padding: 0;
    list-style: none;
    font-size: 0.875rem;
    line-height: 1.4;
  }
  .prospects li {
    display: flex;
    align-items: flex-start;
    gap: 8px;
  }
  .prospects svg {
    width: 20px;
    height: 20px;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .mark {
    stroke: var(--primary-text-color, #141414);
    stroke-width: 2.5;
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
  .error .round {
    margin: -12px -4px -12px 0;
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
`;var d2=20,p2={offline:"away",idle:"not_plugged",plugged:"ready",waiting_for_plug:"wait_for_plug",finished:"charged"},m=class extends c{constructor(){super(...arguments);this.heading="";this.currency="CNY";this.chart=!1;this.detailed=!1;this.pending=!1;this.asked=!1;this.error="";this.announced="";this.adjusting=!1;this.lost=!1;this.ask=()=>{this.asked=!0,clearTimeout(this.askedTimer),this.askedTimer=window.setTimeout(this.keep,d2*1e3),this.focusFirst()};this.keep=()=>{let C=this.shadowRoot?.activeElement;this.asked=!1,C&&this.focusFirst()};this.press=C=>{C.key==="Escape"&&this.asked&&this.keep()};this.start=()=>this.act("start_charging");this.stop=()=>this.act("stop_charging")}static{this.styles=[f,X1]}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.askedTimer),this.asked=!1}willUpdate(C){let H=C.get("place");H&&H.gun.status!==this.place.gun.status&&(this.error="",this.announced=this.statusText),k(this.place.gun)||(this.asked=!1),this.chart&&k(this.place.gun)&&import("./ykc-COMWQTYS.js"),this.lost||=!!this.shadowRoot?.activeElement?.closest(".actions")}updated(){if(!this.lost)return;let{status:C}=this.place.gun,H=document.activeElement===document.body;H&&(this.pending||C==="starting"||C==="stopping")||(this.lost=!1,H&&this.shadowRoot?.querySelector(".actions button")?.focus({preventScroll:!0}))}get statusText(){let{status:C}=this.place.gun;return C?a1(this.hass,C):"–"}render(){let{gun:C}=this.place;return e`
      <article class="card ${C.status??"offline"}" aria-label="${this.heading}">
        <header>
          <div>
            <h2>${this.heading}</h2>
            ${this.detailed?this.renderPlace():i}
          </div>
          <span class="status">${J(C.status)}${this.statusText}</span>
        </header>
        ${C.faults.length?e`<p class="faults">${C.faults.map(H=>d1(this.hass,H)).join(" · ")}</p>`:i}
        ${k(C)?this.renderSession():this.renderWords()}
        ${k(C)?i:_1(this.hass,this.currency,C)}
        <div class="push">${this.renderSums()}${this.renderError()}${this.renderActions()}</div>
        <div class="visually-hidden" role="status">${this.announced?this.about(this.announced):i}</div>
      </article>
      ${this.adjusting?e`<ykc-charge-dialog
              .hass=${this.hass}
              .place=${this.place}
              .heading=${this.heading}
              .currency=${this.currency}
              @start=${H=>this.act("start_charging",H.detail)}
              @closed=${()=>this.adjusting=!1}
            ></ykc-charge-dialog>`:i}
    `}about(C){return this.text("about",{name:this.heading,what:C})}renderPlace(){let{pile:C,gun:H}=this.place,L=this.text("device",{name:this.heading});return e`<p class="place muted ${C.online?"online":""}">
      <i></i>${this.text(C.online?"online":"offline")}${C.area?e` · ${C.area}`:i}
      ${this.hass.user?.is_admin?e`<a href="/config/devices/device/${H.device_id}" @click=${I1} aria-label=${L} title=${L}
              >${p("device")}</a
            >`:i}
    </p>`}renderSession(){let{gun:C,pile:H}=this.place,{locale:L}=this.hass,r=C.soc,t=r===null?e`${N1()}<strong class="number">${C.power===null?"–":I(L,C.power)}</strong
            ><small class="muted">kW</small>`:e`<strong class="number">${r} %</strong
            ><small class="muted"
              >${C.remaining===null?"SOC":this.text("remaining",{time:P(C.remaining)})}</small
            >`;return e`
      <div class="body">
        ${q1(r===null?null:r/100,t,this.text(r===null?"power":"state_of_charge"),C.charge_limits.soc===null?null:C.charge_limits.soc/100)}
        <dl>
          ${r===null?this.figure("current",C.current===null?"–":C.current.toFixed(1),"A"):this.figure("power",C.power===null?"–":I(L,C.power),"kW")}
          ${this.figure("energy",C.energy===null?"–":h(L,C.energy),"kWh")}
          ${this.figure("cost",C.cost===null?"–":Z(L,C.cost,this.currency))}
          ${this.figure("time",C.minutes===null?"–":P(C.minutes))}
        </dl>
      </div>
      ${z1(this.hass,this.currency,C)}
      ${this.chart&&C.transaction?e`<ykc-session-chart
              .hass=${this.hass}
              .gun=${C}
              .dc=${H.type==="dc"}
              label=${this.text("session_chart")}
            ></ykc-session-chart>`:i}
    `}figure(C,H,L=""){return e`<div>
      <dt>${this.text(C)}</dt>
      <dd class="number">${H}${L?e` <small>${L}</small>`:i}</dd>
    </div>`}renderWords(){let{gun:C}=this.place,H=C.status===null?void 0:p2[C.status];return e`
      <div class="body calm">
        <div class="badge">${J(C.status)}</div>
        <div class="words">
          <p class="hint">${H?this.text(H):this.statusText}</p>
          ${this.renderLast()}
        </div>
      </div>
    `}renderLast(){let C=this.place.gun.last_session;if(!C)return e`<p class="muted">${this.text("no_charge_yet")}</p>`;let{locale:H,config:L}=this.hass,r=`${h(H,C.energy)} kWh · ${Z(H,C.cost,this.currency)}`,t=C.ended?t1(H,L.time_zone,new Date(C.ended)):"";return e`
      <p class="muted number">${this.text("last_charge",{figures:r})}</p>
      <p class="muted number">${t?`${t} · `:""}${p1(this.hass,C.stop_reason,C.limit)}</p>
    `}renderSums(){if(!this.sums)return i;let{pile:C,gun:H}=this.place,{locale:L}=this.hass;return e`
      <dl class="sums number">
        ${["today","month"].map(r=>{let t=Q(this.sums?.[r]??[],C,H);return e`<div>
            <dt>${this.text(r==="today"?"today":"this_month")}</dt>
            <dd>${h(L,t.energy)} <small>kWh</small> · ${Z(L,t.amount,this.currency)}</dd>
          </div>`})}
      </dl>
    `}renderError(){return e`<div role="alert">
      ${this.error?e`<div class="error">
              ${p("alert")}
              <p>${this.text("failed",{error:this.error})}</p>
              <button class="round" aria-label=${this.text("dismiss")} @click=${()=>this.error=""}>
                ${p("close")}
              </button>
            </div>`:i}
    </div>`}renderActions(){let{gun:C}=this.place;return C.may_control?e`<div class="actions" @keydown=${this.press}>
      ${this.pending||C.status==="stopping"?this.renderPending():this.renderChoice()}
      <button
        class="round soft"
        @click=${()=>this.adjusting=!0}
        aria-haspopup="dialog"
        aria-label=${this.about(this.text("adjust"))}
        title=${this.text("adjust")}
      >
        ${p("adjust")}
      </button>
    </div>`:i}renderPending(){let{status:C}=this.place.gun,H=this.text(u(C)&&C!=="starting"?"stopping":"starting");return C==="starting"?e`<span class="button" aria-hidden="true"><span class="spinner"></span>${H}</span>
          <button class="button" @click=${this.stop} aria-label=${this.about(this.text("cancel_start"))}>
            ${this.text("cancel_start")}
          </button>`:e`<button class="button" disabled aria-busy="true"><span class="spinner"></span>${H}</button>`}renderChoice(){let{status:C}=this.place.gun;return C==="starting"||C==="waiting_for_plug"?e`<button class="button" @click=${this.stop} aria-label=${this.about(this.text("cancel_start"))}>
        ${p("close")}${this.text("cancel_start")}
      </button>`:C==="charging"&&this.asked?e`<button class="button danger" @click=${this.stop} aria-label=${this.about(this.text("stop_really"))}>
          ${p("stop")}${this.text("stop_really")}
        </button>
        <button class="button" @click=${this.keep}>${this.text("go_on")}</button>`:C==="charging"?e`<button class="button stop" @click=${this.ask} aria-label=${this.about(this.text("stop"))}>
        ${p("stop")}${this.text("stop")}
      </button>`:e`<button
      class="button primary"
      ?disabled=${C==="offline"||C===null}
      @click=${this.start}
      aria-label=${this.about(this.text("start"))}
    >
      ${p("flash")}${this.text("start")}
    </button>`}async focusFirst(){await this.updateComplete,this.shadowRoot?.querySelector(".actions button")?.focus()}async act(C,H={}){this.pending=!0,this.asked=!1,this.error="";try{await this.hass.callService("ykc",C,H,{device_id:this.place.gun.device_id},!1)}catch(L){this.error=D(this.hass,L)}finally{this.pending=!1}}};A([a({attribute:!1})],m.prototype,"place",2),A([a({attribute:!1})],m.prototype,"sums",2),A([a()],m.prototype,"heading",2),A([a()],m.prototype,"currency",2),A([a({type:Boolean})],m.prototype,"chart",2),A([a({type:Boolean})],m.prototype,"detailed",2),A([x()],m.prototype,"pending",2),A([x()],m.prototype,"asked",2),A([x()],m.prototype,"error",2),A([x()],m.prototype,"announced",2),A([x()],m.prototype,"adjusting",2);O("ykc-gun",m);var J1=28,m2=100,x2=[0,3,6,9,12,15,18,21,24],S=class extends c{constructor(){super(...arguments);this.zone="UTC";this.currency="CNY";this.heading="";this.minute=0}static{this.styles=[f,s`
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
    `]}connectedCallback(){super.connectedCallback();let C=()=>{this.minute=y(this.zone,new Date)};C(),this.timer=window.setInterval(C,2e4)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.timer)}willUpdate(){this.minute=y(this.zone,new Date)}price(C){return Z(this.hass.locale,C,this.currency,2)}times(C){return G(this.tariff.periods).filter(L=>L.period===C).map(({from:L,to:r})=>`${g(L)}–${g(r)}`).join(", ")||this.text("never")}said(C){let H={period:this.text(C),price:this.price(n(this.tariff,C))},L=this.text("price_of",{...H,times:this.times(C)});return L.charAt(0).toUpperCase()+L.slice(1)}render(){let C=Y.filter(d=>this.tariff.periods.includes(d)),H=Math.max(...C.map(d=>n(this.tariff,d)),1e-5),L=F(this.tariff,this.minute),r=this.text("price_now",{period:this.text(L.period),price:this.price(L.price)}),t=L.next?this.text("price_next",{time:g(L.next.at),period:this.text(L.next.period),price:this.price(L.next.price)}):this.text("price_always");return e`
      <section class="card" aria-label=${this.heading||this.text("tariff")}>
        <h2>${this.heading||this.text("tariff")}</h2>
        <p class="now number"><strong>${r}</strong> <span class="muted">· ${t}</span></p>
        ${C.length>1?this.renderDay(C,H):i}
      </section>
    `}renderDay(C,H){return e`
      <div class="day" role="img" aria-label=${C.map(L=>this.said(L)).join("; ")}>
        ${G(this.tariff.periods).map(({period:L,from:r,to:t})=>e`<div
              class="span ${L}"
              title="${g(r)}–${g(t)} ${this.text(L)} ${this.price(n(this.tariff,L))}"
              style="flex: ${t-r}; height: ${J1+(m2-J1)*n(this.tariff,L)/H}%"
            ></div>`)}
        <div class="marker" title=${this.text("now")} style="inset-inline-start: ${this.minute/1440*100}%"></div>
      </div>
      <div class="hours muted number" aria-hidden="true">
        ${x2.map(L=>e`<span style="inset-inline-start: ${L/24*100}%">${L}</span>`)}
      </div>
      <ul class="number">
        ${C.map(L=>e`<li>
              <i class=${L}></i
              ><span class="name">${this.text(L)}</span>${this.price(n(this.tariff,L))}
              <span class="muted">${this.times(L)}</span>
            </li>`)}
      </ul>
    `}};A([a({attribute:!1})],S.prototype,"tariff",2),A([a()],S.prototype,"zone",2),A([a()],S.prototype,"currency",2),A([a()],S.prototype,"heading",2),A([x()],S.prototype,"minute",2);O("ykc-tariff-day",S);export{A1 as a,S2 as b,u2 as c,u as d,k as e,s2 as f,c2 as g,o1 as h,p1 as i,D as j,x1 as k,p as l,I1 as m};
