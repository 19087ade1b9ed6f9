import { css } from 'lit';

/** Small pictures in a row. */
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
`;
