import { css, html, type TemplateResult } from 'lit';
import { bytes } from '../lib/format';
import type { AttachedFile } from '../lib/photos';
import { visible } from '../lib/text';

/** Small pictures in a row, and files by their names. */
export const photoStyles = css`
  .photos {
    display: flex;
    flex-wrap: wrap;
    gap: var(--fs-3);
    list-style: none;
  }
  .photos img {
    display: block;
    width: 96px;
    height: 96px;
    border: 1px solid var(--fs-line);
    border-radius: var(--fs-radius);
    background: var(--fs-sunken);
    object-fit: cover;
  }
  .photos .file {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    gap: 2px;
    width: 144px;
    height: 96px;
    padding: var(--fs-2);
    border: 1px solid var(--fs-line);
    border-radius: var(--fs-radius);
    background: var(--fs-sunken);
    font-size: var(--fs-small);
  }
  .photos .file bdi {
    display: -webkit-box;
    overflow: hidden;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  .photos .file span {
    color: var(--fs-muted);
  }
`;

/** A file in the row. */
export const fileTile = ({ name, size }: AttachedFile): TemplateResult =>
  html`<div class="file"><bdi>${visible(name, 120)}</bdi><span class="numbers">${bytes(size)}</span></div>`;
