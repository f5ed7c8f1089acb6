import{a as k,c as E,d as V,e as B,f as I,g as L,h as A,i as U,j as w,k as F,l as d,m as _}from"./ykc-T4D7YBNO.js";import{a as l,b as f,c as i,e as n,f as g,g as h,i as D,j as v,k as x,l as O,m as T,n as W,o as y,p as M,r as P,u as b}from"./ykc-6FEAAQEQ.js";var H="/config/integrations/integration/ykc",Y={stored:"card_stored",removed:"card_removed",missing:"card_missing",no_reply:"card_no_reply",bad_card_number:"card_bad_card_number",no_space:"card_no_space",refused:"card_refused",not_removed:"card_not_removed"},ee=new Set(["bad_card_number","no_space","refused","not_removed"]),S=class extends v{constructor(){super(...arguments);this.currency="CNY";this.error="";this.load=async()=>{try{this.drivers=(await this.hass.callWS({type:"ykc/drivers"})).drivers,this.error=""}catch(e){this.error=w(this.hass,e)}}}static{this.styles=[b,f`
      :host {
        display: block;
      }
      .head {
        display: flex;
        justify-content: flex-end;
        margin-bottom: 16px;
      }
      .drivers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
        gap: 16px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .drivers > li {
        display: flex;
        gap: 14px;
        padding: 16px;
      }
      .drivers > li > div:last-child {
        min-width: 0;
      }
      .balance {
        margin-top: 4px;
        font-size: 1rem;
      }
      .balance strong {
        font-weight: 500;
      }
      .owing {
        color: var(--error-color, #db4437);
      }
      .cards {
        display: grid;
        gap: 2px;
        margin: 2px 0 0;
        padding: 0;
        list-style: none;
        font-size: 0.875rem;
      }
      .cards li {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .cards svg {
        width: 16px;
        height: 16px;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .cards .stored svg {
        color: #1d9a5f;
      }
      .cards .bad_card_number svg,
      .cards .no_space svg,
      .cards .refused svg,
      .cards .not_removed svg {
        color: var(--error-color, #db4437);
      }
      .initial {
        flex: none;
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        border-radius: 50%;
        background: color-mix(in srgb, var(--primary-color, #009ac7) 16%, transparent);
        font-size: 1.25rem;
        font-weight: 500;
      }
      li h2 {
        margin: 0 0 4px;
        font-size: 1.0625rem;
        font-weight: 500;
      }
      p {
        margin: 0;
        font-size: 0.875rem;
        line-height: 1.5;
      }
      .tag {
        display: inline-block;
        margin-top: 6px;
        padding: 2px 10px;
        border-radius: 12px;
        background: color-mix(in srgb, #1d9a5f 16%, transparent);
        font-size: 0.8125rem;
        font-weight: 500;
      }
      .tag.blocked {
        background: color-mix(in srgb, var(--error-color, #db4437) 16%, transparent);
      }
      .empty {
        max-width: 560px;
        margin: 48px auto;
        padding: 40px 28px;
        text-align: center;
      }
      .empty > svg {
        width: 64px;
        height: 64px;
        color: var(--primary-color, #009ac7);
      }
      .empty h2 {
        margin: 12px 0 8px;
        font-weight: 500;
      }
      .empty p {
        margin: 0 0 20px;
        font-size: 1rem;
      }
    `]}connectedCallback(){super.connectedCallback(),this.hass&&this.load()}firstUpdated(){this.load()}render(){if(this.error)return i`<section class="card empty" role="alert">
        <p>${this.error}</p>
        <button class="button" @click=${this.load}>${this.text("try_again")}</button>
      </section>`;if(!this.drivers)return i`<p class="empty muted">${this.text("loading")}</p>`;let e=i`<a class="button" href=${H} @click=${_}>${this.text("manage_drivers")}</a>`;return this.drivers.length?i`<div class="head">${e}</div>
      <ul class="drivers">
        ${this.drivers.map(t=>this.renderDriver(t))}
      </ul>`:i`<section class="card empty">
        ${d("drivers")}
        <h2>${this.text("no_drivers_title")}</h2>
        <p class="muted">${this.text("no_drivers_text")}</p>
        ${e}
      </section>`}renderDriver(e){let t=["card","account","vin"].filter(r=>e[r]);return i`<li class="card">
      <div class="initial" aria-hidden="true">${[...e.name][0]?.toUpperCase()??n}</div>
      <div>
        <h2>${e.name}</h2>
        ${t.map(r=>i`<p class="muted number">${this.text(r)} ${e[r]}</p>`)}
        <p class="muted">${this.places(e)}</p>
        ${e.balance===null?n:this.renderBalance(e,e.balance)}
        ${e.offline||e.offline_cards.length?this.renderOffline(e):n}
        <span class="tag ${e.enabled?"":"blocked"}">${this.text(e.enabled?"allowed":"blocked")}</span>
      </div>
    </li>`}places({piles:e,listener:t}){return e.length?this.text("at_piles",{piles:D(this.hass.language,e)}):t===null?this.text("at_all_piles"):this.text("at_all_piles_of",{listener:t})}renderBalance(e,t){let r=p=>y(this.hass.locale,p,this.currency),{available:s,charge_limit:a}=e,o=[...s===null||s===t?[]:[this.text("available",{amount:r(s)})],...a===null?[]:[this.text("most_per_charge",{amount:r(a)})]];return i`<p class="number balance ${t<0?"owing":""}">
        <strong>${this.text("balance",{amount:r(t)})}</strong>
      </p>
      ${o.map(p=>i`<p class="muted number">${p}</p>`)}`}renderOffline({offline_cards:e}){return i`<p class="muted">${this.text("offline_use")}</p>
      <ul class="cards">
        ${e.map(({pile:t,state:r})=>i`<li class=${r}>
              ${d(r==="stored"?"check":ee.has(r)?"alert":"clock")}
              ${this.text("offline_at",{pile:t,state:this.text(Y[r])})}
            </li>`)}
      </ul>`}};l([g()],S.prototype,"currency",2),l([h()],S.prototype,"drivers",2),l([h()],S.prototype,"error",2);x("ykc-drivers",S);var j=["week","thirty_days","month","last_month","year","all","custom"];function K($,u=0){let[e,t,r]=$.split("-").map(Number);return e&&t&&r?new Date(e,t-1,r+u).toISOString():void 0}function G($,u,e={from:"",to:""}){let t=s=>new Date(u.getFullYear(),u.getMonth()+s,1).toISOString(),r=s=>new Date(u.getTime()-s*864e5).toISOString();switch($){case"week":return{since:r(7)};case"thirty_days":return{since:r(30)};case"month":return{since:t(0)};case"last_month":return{since:t(-1),until:t(0)};case"year":return{since:new Date(u.getFullYear(),0,1).toISOString()};case"all":return{};case"custom":{let s=K(e.from),a=K(e.to,1);return{...s?{since:s}:{},...a?{until:a}:{}}}}}var q=f`
  :host {
    display: block;
    container-type: inline-size;
  }
  form {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    gap: 12px;
    padding: 16px;
  }
  label {
    display: flex;
    flex-direction: column;
    gap: 4px;
    flex: 1 1 150px;
    max-width: 260px;
    font-size: 0.75rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  form .button {
    margin-inline-start: auto;
  }
  .sums {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 16px;
    margin: 16px 0;
  }
  .sums div {
    padding: 14px 18px;
  }
  .sums dt {
    font-size: 0.8125rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .sums dd {
    margin: 2px 0 0;
    font-size: 1.375rem;
    font-weight: 500;
  }
  .sums small {
    font-size: 0.875rem;
    font-weight: 400;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .table {
    overflow: hidden;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 0.9375rem;
  }
  th {
    padding: 12px 16px;
    text-align: start;
    font-size: 0.8125rem;
    font-weight: 500;
    color: var(--secondary-text-color, #5e5e5e);
  }
  td {
    padding: 12px 16px;
    border-top: 1px solid var(--ykc-line);
    vertical-align: top;
    line-height: 1.4;
  }
  td small {
    display: block;
    font-size: 0.8125rem;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .figure {
    text-align: end;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .tag {
    display: inline-block;
    padding: 2px 10px;
    border-radius: 12px;
    background: color-mix(in srgb, #1d9a5f 16%, transparent);
    font-size: 0.8125rem;
    font-weight: 500;
  }
  .tag.unbilled {
    background: color-mix(in srgb, #c77700 18%, transparent);
  }
  .none {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 10px;
    padding: 56px 24px;
    text-align: center;
  }
  .none svg {
    width: 48px;
    height: 48px;
    opacity: 0.5;
  }
  .more {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 12px;
    margin: 20px 0;
  }
  .more p {
    margin: 0;
  }
  @container (max-width: 640px) {
    label {
      max-width: none;
      flex-basis: 130px;
    }
    form .button {
      flex: 1 1 100%;
    }
    .sums {
      gap: 8px;
    }
    .sums div {
      padding: 10px 12px;
    }
    .sums dd {
      font-size: 1.0625rem;
    }
    .table {
      border: 0;
      background: none;
      box-shadow: none;
      overflow: visible;
    }
    thead {
      display: none;
    }
    table,
    tbody {
      display: block;
    }
    tr {
      display: grid;
      grid-template-columns: 1fr auto;
      gap: 2px 12px;
      margin-bottom: 10px;
      padding: 12px 16px;
      background: var(--ykc-surface);
      border: 1px solid var(--ha-card-border-color, var(--ykc-line));
      border-radius: var(--ykc-radius);
    }
    td {
      display: block;
      padding: 0;
      border: 0;
    }
    td.where {
      font-weight: 500;
    }
    .when {
      order: 3;
      font-size: 0.875rem;
    }
    .reason {
      order: 5;
      font-size: 0.8125rem;
      grid-column: 1 / -1;
      color: var(--secondary-text-color, #5e5e5e);
    }
    .who {
      order: 4;
      grid-column: 1 / -1;
      font-size: 0.875rem;
    }
    .who small {
      display: inline;
    }
    .where {
      order: 1;
    }
    .energy {
      order: 2;
      font-weight: 500;
    }
    .cost {
      order: 3;
    }
  }
`;var N=50,J=1e4,Q="/api/ykc/sessions.csv",te=2,m=class extends v{constructor(){super(...arguments);this.span="thirty_days";this.gun="";this.driver="";this.days={from:"",to:""};this.drivers=[];this.loading=!1;this.error="";this.limit=N;this.asked=0;this.over="";this.choose=e=>{let t=e.currentTarget;t.name==="gun"?this.gun=t.value:t.name==="driver"?this.driver=t.value:this.span=t.value,this.limit=N,this.load()};this.chooseDay=e=>{let t=e.currentTarget;this.days={...this.days,[t.name]:t.value},this.limit=N,this.load()};this.more=()=>{this.limit=Math.min(J,this.limit*4),this.load()};this.download=async()=>{try{let e=new URLSearchParams(this.filter).toString(),{path:t}=await this.hass.callWS({type:"auth/sign_path",path:e?`${Q}?${e}`:Q}),r=document.createElement("a");r.href=t,r.download="",this.shadowRoot?.append(r),r.click(),r.remove()}catch(e){this.error=w(this.hass,e)}}}static{this.styles=[b,q]}connectedCallback(){super.connectedCallback(),this.hasUpdated&&this.load()}disconnectedCallback(){super.disconnectedCallback(),clearTimeout(this.timer)}firstUpdated(){this.load(),this.overview.admin&&this.loadDrivers()}willUpdate(e){if(!e.has("overview"))return;let t=A(this.overview);this.over&&t!==this.over&&(clearTimeout(this.timer),this.timer=window.setTimeout(()=>{this.load()},te*1e3)),this.over=t}get filter(){let[e,t]=this.gun.split("_");return{...G(this.span,new Date,this.days),...e?{pile:e}:{},...t?{gun:t}:{},...this.driver?{driver:this.driver}:{}}}get reversed(){let{from:e,to:t}=this.days;return this.span==="custom"&&!!(e&&t)&&t<e}async load(){this.asked+=1;let e=this.asked;this.loading=!0;try{let t=await this.hass.callWS({type:"ykc/sessions",...this.filter,limit:this.limit});if(e!==this.asked)return;this.found=t,this.error=""}catch(t){e===this.asked&&(this.error=w(this.hass,t))}finally{e===this.asked&&(this.loading=!1)}}async loadDrivers(){try{this.drivers=(await this.hass.callWS({type:"ykc/drivers"})).drivers}catch{}}render(){return i`
      <form class="card" @submit=${e=>e.preventDefault()}>
        ${this.renderSelect("span","filter_time",this.span,j.map(e=>[e,this.text(e)]))}
        ${this.span==="custom"?i`${this.renderDay("from")}${this.renderDay("to")}`:n}
        ${this.renderSelect("gun","filter_gun",this.gun,[["",this.text("all_guns")],...this.gunOptions()])}
        ${this.drivers.length?this.renderSelect("driver","filter_driver",this.driver,[["",this.text("all_drivers")],...this.drivers.map(({id:e,name:t})=>[e,t])]):n}
        ${this.overview.admin?i`<button class="button" type="button" @click=${this.download}>
                ${d("download")}${this.text("download")}
              </button>`:n}
      </form>
      <div role="alert">
        ${this.error?i`<div class="card none">
                <p>${this.error}</p>
                <button class="button" @click=${()=>this.load()}>${this.text("try_again")}</button>
              </div>`:n}
      </div>
      ${this.found?this.renderFound(this.found):this.error?n:i`<p class="none muted">${this.text("loading")}</p>`}
    `}renderSelect(e,t,r,s){return i`<label>
      ${this.text(t)}
      <select name=${e} @change=${this.choose}>
        ${s.map(([a,o])=>i`<option value=${a} ?selected=${a===r}>${o}</option>`)}
      </select>
    </label>`}renderDay(e){let{from:t,to:r}=this.days;return i`<label>
      ${this.text(e)}
      <input
        type="date"
        name=${e}
        .value=${this.days[e]}
        min=${e==="to"&&t?t:n}
        max=${e==="from"&&r?r:n}
        @change=${this.chooseDay}
      />
    </label>`}gunOptions(){return k(this.overview).map(({pile:e,gun:t})=>[`${e.code}_${t.number}`,this.where(e.code,t.number)])}where(e,t){let r=k(this.overview).find(({pile:s,gun:a})=>s.code===e&&a.number===t);return r?E(this.hass.language,r):`${e} · ${this.text("gun",{number:t})}`}renderFound({sessions:e,sums:t}){let{locale:r}=this.hass,s=a=>t.reduce((o,p)=>o+p[a],0);return i`
      <dl class="sums number" aria-busy=${this.loading}>
        <div class="card">
          <dt>${this.text("sessions")}</dt>
          <dd>${O(r,s("sessions"),0)}</dd>
        </div>
        <div class="card">
          <dt>${this.text("energy")}</dt>
          <dd>${T(r,s("energy"))} <small>kWh</small></dd>
        </div>
        <div class="card">
          <dt>${this.text("cost")}</dt>
          <dd>${y(r,s("amount"),this.overview.currency)}</dd>
        </div>
      </dl>
      ${e.length?this.renderTable(e):i`<p class="card none muted">${d("history")}${this.text(this.reversed?"days_reversed":"no_sessions")}</p>`}
      ${this.renderMore(e,s("sessions"))}
    `}renderMore(e,t){if(e.length<this.limit)return n;let r=Math.max(t+e.filter(({state:a})=>a==="open").length,e.length),s=a=>O(this.hass.locale,a,0);return i`<div class="more">
      <p class="muted number" role="status">
        ${this.text("shown",{shown:s(e.length),all:s(r)})}
      </p>
      ${this.limit<J&&r>e.length?i`<button class="button" ?disabled=${this.loading} @click=${this.more}>${this.text("more")}</button>`:n}
    </div>`}renderTable(e){let t=e.some(({driver:r,card:s})=>r||s);return i`<div class="card table">
      <table role="table">
        <thead>
          <tr role="row">
            <th role="columnheader" scope="col">${this.text("ended")}</th>
            <th role="columnheader" scope="col">${this.text("where")}</th>
            ${t?i`<th role="columnheader" scope="col">${this.text("who")}</th>`:n}
            <th role="columnheader" scope="col">${this.text("reason")}</th>
            <th role="columnheader" scope="col" class="figure">${this.text("energy")}</th>
            <th role="columnheader" scope="col" class="figure">${this.text("cost")}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${e.map(r=>this.renderSession(r,t))}
        </tbody>
      </table>
    </div>`}renderSession(e,t){let{locale:r,config:s}=this.hass,a=e.started?new Date(e.started):null,o=e.ended?new Date(e.ended):null,p=o??a,c=a&&o?(o.getTime()-a.getTime())/6e4:null;return i`<tr role="row">
      <td role="cell" class="when number">
        ${p?P(r,s.time_zone,p):"–"}
        ${c===null||c<1?n:i`<small>${this.text("lasted",{time:M(c)})}</small>`}
      </td>
      <td role="cell" class="where">${this.where(e.pile,e.gun)}</td>
      ${t?i`<td role="cell" class="who">
              ${e.driver??n} ${e.card?i`<small>${e.card}</small>`:n}
            </td>`:n}
      <td role="cell" class="reason">${this.renderReason(e)}</td>
      <td role="cell" class="figure energy">${T(r,e.energy)} kWh</td>
      <td role="cell" class="figure cost">${y(r,e.amount,this.overview.currency)}</td>
    </tr>`}renderReason(e){if(e.state==="open")return i`<span class="tag">${this.text("running")}</span>`;let t=e.stop_reason?U(this.hass,e.stop_reason,e.limit):"–";return e.state==="unbilled"?i`${t} <span class="tag unbilled">${this.text("unbilled")}</span>`:i`${t}`}};l([g({attribute:!1})],m.prototype,"overview",2),l([h()],m.prototype,"span",2),l([h()],m.prototype,"gun",2),l([h()],m.prototype,"driver",2),l([h()],m.prototype,"days",2),l([h()],m.prototype,"drivers",2),l([h()],m.prototype,"found",2),l([h()],m.prototype,"loading",2),l([h()],m.prototype,"error",2);x("ykc-history",m);var C=class extends v{constructor(){super(...arguments);this.known={}}static{this.styles=[b,f`
      :host {
        display: block;
      }
      .stats {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: 16px;
        margin: 0 0 16px;
      }
      .stat {
        display: flex;
        align-items: center;
        gap: 14px;
        padding: 14px 16px;
      }
      .stat > svg {
        padding: 9px;
        width: 42px;
        height: 42px;
        border-radius: 50%;
        background: color-mix(in srgb, var(--c) 15%, transparent);
        color: var(--c);
      }
      .stat dt {
        font-size: 0.8125rem;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .stat dd {
        margin: 0;
        font-size: 1.25rem;
        font-weight: 500;
        line-height: 1.3;
      }
      .stat dd .line {
        display: block;
        line-height: 1.4;
      }
      .stat dd small {
        font-size: 0.8125rem;
        font-weight: 400;
        color: var(--secondary-text-color, #5e5e5e);
      }
      .notice {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        margin-bottom: 16px;
        padding: 10px 10px 10px 16px;
        background: color-mix(in srgb, var(--primary-color, #009ac7) 12%, var(--ykc-surface));
      }
      .guns {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr));
        gap: 16px;
        margin-bottom: 16px;
      }
      .tariffs {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr));
        gap: 16px;
      }
      .empty {
        max-width: 560px;
        margin: 48px auto;
        padding: 40px 28px;
        text-align: center;
      }
      .empty > svg {
        width: 64px;
        height: 64px;
        color: var(--primary-color, #009ac7);
      }
      .empty h2 {
        margin: 12px 0 8px;
        font-weight: 500;
      }
      .empty p {
        margin: 0 0 20px;
        line-height: 1.55;
      }
      @media (max-width: 900px) {
        .stats {
          grid-template-columns: repeat(2, minmax(0, 1fr));
          gap: 10px;
        }
        .stat {
          gap: 10px;
          padding: 12px;
        }
        .stat > svg {
          width: 36px;
          height: 36px;
          padding: 8px;
        }
        .stat dd {
          font-size: 1.0625rem;
        }
      }
    `]}render(){let{overview:e}=this.known;if(!e)return n;let{listeners:t}=e;if(!t.length)return this.renderEmpty("no_listener_title",this.text("no_listener_text"));let r=t.reduce((a,o)=>a+o.waiting,0),[s]=t;return s&&!t.some(a=>a.piles.length)?i`${this.renderWaiting(r)}${this.renderEmpty("no_pile_title",this.text("no_pile_text",{address:s.address,port:s.port}))}`:i`
      ${this.renderWaiting(r)} ${this.renderStats(e)}
      <div class="guns">${k(e).map(a=>this.renderGun(a,e.currency))}</div>
      <div class="tariffs">${this.renderTariffs(t,e.currency)}</div>
    `}renderEmpty(e,t){return i`<section class="card empty">
      ${d("station")}
      <h2>${this.text(e)}</h2>
      <p class="muted">${t}</p>
      ${this.hass.user?.is_admin?i`<a class="button" href="/config/integrations/integration/ykc" @click=${_}
              >${this.text("settings")}</a
            >`:n}
    </section>`}renderWaiting(e){return e?i`<section class="card notice">
      <span>${this.text(e===1?"waiting_one":"waiting_many",{count:e})}</span>
      <a class="button" href="/config/integrations/dashboard" @click=${_}>${this.text("approve")}</a>
    </section>`:n}renderStats(e){let{locale:t}=this.hass,r=k(e),s=r.reduce((c,{gun:z})=>c+(B(z)?z.power??0:0),0),a=r.filter(({gun:c})=>V(c.status)).length,{sums:o}=this.known,p=c=>{if(!o)return i`–`;let{energy:z,amount:Z}=L(o[c],r);return i`${T(t,z)} <small>kWh</small
        ><small class="line">${y(t,Z,e.currency)}</small>`};return i`<dl class="stats number">
      <div class="card stat" style="--c: #1d9a5f">
        ${d("flash")}
        <div>
          <dt>${this.text("power_now")}</dt>
          <dd>
            ${W(t,s)} <small>kW</small>
            <small class="line"
              >${this.text("per_hour",{amount:y(t,I(r),e.currency)})}</small
            >
          </dd>
        </div>
      </div>
      <div class="card stat" style="--c: #2f7fd1">
        ${d("station")}
        <div>
          <dt>${this.text("charging_now")}</dt>
          <dd>
            ${this.text("of_guns",{busy:a,all:r.length})}
            <small class="line">${this.others(r)}</small>
          </dd>
        </div>
      </div>
      <div class="card stat" style="--c: #c77700">
        ${d("clock")}
        <div>
          <dt>${this.text("today")}</dt>
          <dd>${p("today")}</dd>
        </div>
      </div>
      <div class="card stat" style="--c: #7a5fd0">
        ${d("cash")}
        <div>
          <dt>${this.text("this_month")}</dt>
          <dd>${p("month")}</dd>
        </div>
      </div>
    </dl>`}others(e){let t=(...a)=>e.filter(({gun:o})=>a.includes(o.status)).length;return[["free_guns",t("idle")],["plugged_guns",t("plugged","finished")],["faulty_guns",t("fault")],["offline_guns",t("offline",null)]].filter(([a,o])=>o||a==="free_guns").map(([a,o])=>this.text(a,{count:o})).join(" · ")}renderTariffs(e,t){let r=new Map;for(let{piles:s,time_zone:a}of e)for(let o of s){let p=JSON.stringify([o.tariff,a]),c=r.get(p);c?c.names.push(o.name):r.set(p,{tariff:o.tariff,zone:a,names:[o.name]})}return[...r.values()].map(({tariff:s,zone:a,names:o})=>i`<ykc-tariff-day
          .hass=${this.hass}
          .tariff=${s}
          .zone=${a}
          .currency=${t}
          .heading=${r.size>1?this.text("tariff_of",{name:D(this.hass.language,o)}):""}
        ></ykc-tariff-day>`)}renderGun(e,t){return i`<ykc-gun
      .hass=${this.hass}
      .place=${e}
      .sums=${this.known.sums}
      .currency=${t}
      .heading=${E(this.hass.language,e)}
      chart
      detailed
    ></ykc-gun>`}};l([g({attribute:!1})],C.prototype,"known",2);x("ykc-overview",C);var X=["overview","history","drivers"],R=class extends v{constructor(){super(...arguments);this.narrow=!1;this.feed=new F(this);this.openMenu=()=>{this.dispatchEvent(new CustomEvent("hass-toggle-menu",{bubbles:!0,composed:!0}))}}static{this.styles=[b,f`
      :host {
        display: block;
        min-height: 100%;
        background: var(--primary-background-color, #fafafa);
        --ykc-bar: var(--header-height, 56px);
      }
      .top {
        position: sticky;
        top: 0;
        z-index: 2;
        display: flex;
        align-items: center;
        gap: 12px;
        height: var(--ykc-bar);
        padding: 0 16px;
        background: var(--app-header-background-color, var(--primary-color));
        color: var(--app-header-text-color, var(--text-primary-color, #fff));
        border-bottom: var(--app-header-border-bottom, none);
      }
      h1 {
        margin: 0;
        font-size: 1.25rem;
        font-weight: 400;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .menu {
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        margin-inline-start: -12px;
        border: 0;
        border-radius: 50%;
        background: none;
        cursor: pointer;
      }
      nav {
        display: flex;
        gap: 4px;
        height: 100%;
      }
      :host(:not([narrow])) nav {
        margin-inline-start: 24px;
      }
      nav a {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 0 16px;
        color: inherit;
        text-decoration: none;
        font-weight: 500;
        font-size: 0.9375rem;
        opacity: 0.8;
        border-bottom: 3px solid transparent;
        border-top: 3px solid transparent;
      }
      nav a[aria-current] {
        opacity: 1;
        border-bottom-color: currentColor;
      }
      nav a:focus-visible {
        outline-color: currentColor;
        outline-offset: -4px;
      }
      nav svg {
        width: 20px;
        height: 20px;
      }
      :host([narrow]) nav.bottom {
        position: fixed;
        inset: auto 0 0 0;
        z-index: 2;
        height: calc(60px + env(safe-area-inset-bottom, 0px));
        padding-bottom: env(safe-area-inset-bottom, 0px);
        background: var(--ykc-surface);
        border-top: 1px solid var(--ykc-line);
      }
      .bottom a {
        flex: 1;
        flex-direction: column;
        justify-content: center;
        gap: 2px;
        padding: 0 4px;
        border: 0;
        font-size: 0.75rem;
        color: var(--secondary-text-color, #5e5e5e);
        opacity: 1;
      }
      .bottom a[aria-current] {
        color: var(--primary-color, #009ac7);
      }
      .bottom svg {
        width: 24px;
        height: 24px;
      }
      main {
        max-width: 1280px;
        margin: 0 auto;
        padding: 20px 20px 48px;
      }
      :host([narrow]) main {
        padding: 12px 12px 84px;
      }
      .wait {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 16px;
        padding: 72px 24px;
        text-align: center;
      }
    `]}get view(){let e=this.route?.path.split("/")[1],t=X.find(r=>r===e)??"overview";return t==="drivers"&&!this.hass.user?.is_admin?"overview":t}render(){if(!this.hass)return n;let e=this.narrow||this.hass.dockedSidebar==="always_hidden";return i`
      <header class="top">
        ${e?i`<button class="menu" aria-label=${this.text("menu")} @click=${this.openMenu}>
                ${d("menu")}
              </button>`:n}
        <h1>${this.text("title")}</h1>
        ${this.narrow?n:this.renderViews("")}
      </header>
      <main aria-busy=${!this.feed.known.overview}>${this.renderMain()}</main>
      ${this.narrow?this.renderViews("bottom"):n}
    `}renderViews(e){let t=this.route?.prefix??"/ykc",r=X.filter(s=>s!=="drivers"||this.hass.user?.is_admin);return i`<nav class=${e} aria-label=${this.text("pages")}>
      ${r.map(s=>i`<a href="${t}/${s}" aria-current=${s===this.view?"page":n} @click=${_}
            >${d(s)}<span>${this.text(s)}</span></a
          >`)}
    </nav>`}renderMain(){let{overview:e,error:t}=this.feed.known;return e?this.renderView(e):i`<div class="wait muted" role="status">
        ${t===void 0?this.text("loading"):w(this.hass,t)}
      </div>`}renderView(e){switch(this.view){case"history":return i`<ykc-history .hass=${this.hass} .overview=${e}></ykc-history>`;case"drivers":return i`<ykc-drivers .hass=${this.hass} .currency=${e.currency}></ykc-drivers>`;case"overview":return i`<ykc-overview .hass=${this.hass} .known=${this.feed.known}></ykc-overview>`}}};l([g({type:Boolean,reflect:!0})],R.prototype,"narrow",2),l([g({attribute:!1})],R.prototype,"route",2);x("ykc-panel",R);export{R as YkcPanel};
