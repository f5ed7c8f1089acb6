import{b as p,c as h,k as y}from"./ykc-T4D7YBNO.js";import{a as f,b as g,c as s,g as l,h as o,j as m,k as c,u as v}from"./ykc-6FEAAQEQ.js";var b={device_id:"card_device",chart:"card_chart"};function C(r){let t=Object.values(r.entities??{}).find(e=>e.platform==="ykc"&&e.translation_key==="status");return t?.device_id?{device_id:t.device_id}:{}}var a=class extends m{constructor(){super(...arguments);this.config={type:""};this.feed=new y(this)}static{this.styles=[v,g`
      :host {
        display: flex;
        flex-direction: column;
        gap: 12px;
        height: 100%;
      }
      .note {
        padding: 24px 16px;
        text-align: center;
      }
      ykc-gun {
        flex: 1;
      }
    `]}static getStubConfig(e){return C(e)}setConfig(e){this.config=e}getGridOptions(){return{columns:12,min_columns:6}}render(){if(!this.hass)return;let{overview:e,error:n}=this.feed.known;if(!this.config.device_id)return this.note("card_choose");if(!e)return this.note(n===void 0?"loading":"card_gone");let i=p(e,this.config.device_id);return i.length?this.renderPlaces(i,e.currency):this.note("card_gone")}note(e){return s`<div class="card note muted">${this.text(e)}</div>`}};f([l()],a.prototype,"config",2);var k={filter:[{integration:"ykc"}],entity:[{integration:"ykc",domain:"binary_sensor"}]};function x(...r){return{schema:[{name:"device_id",required:!0,selector:{device:k}},{name:"name",selector:{text:{}}},...r],computeLabel:({name:t},e)=>{let n=b[t],i=e("ui.panel.lovelace.editor.card.generic.name");return n?o(/[\u4e00-\u9fff]/.test(i)?"zh-Hans":"en",n):i}}}var d=class extends a{static getConfigForm(){return x({name:"chart",selector:{boolean:{}}})}getCardSize(){return 6}renderPlaces(t,e){return s`${t.map(n=>s`<ykc-gun
          .hass=${this.hass}
          .place=${n}
          .sums=${this.feed.known.sums}
          .currency=${e}
          .heading=${t.length===1&&this.config.name||h(this.hass.language,n)}
          ?chart=${this.config.chart??!1}
        ></ykc-gun>`)}`}},u=class extends a{static getConfigForm(){return x()}getCardSize(){return 4}renderPlaces([t],e){return s`<ykc-tariff-day
      .hass=${this.hass}
      .tariff=${t?.pile.tariff}
      .zone=${t?.listener.time_zone}
      .currency=${e}
      .heading=${this.config.name??""}
    ></ykc-tariff-day>`}};c("ykc-gun-card",d);c("ykc-tariff-card",u);var _=()=>document.documentElement.lang||navigator.language;window.customCards??=[];for(let[r,t,e]of[["ykc-gun-card","card_gun","card_gun_text"],["ykc-tariff-card","card_tariff","card_tariff_text"]])window.customCards.some(n=>n.type===r)||window.customCards.push({type:r,get name(){return o(_(),t)},get description(){return o(_(),e)},preview:!0,documentationURL:"https://github.com/ykc-ha/ykc"});export{d as YkcGunCard,u as YkcTariffCard};
